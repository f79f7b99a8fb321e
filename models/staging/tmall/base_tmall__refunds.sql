-- One row per delivered state of a Tmall refund, judged.
-- The newest clean state is accepted, whether it gives money back or not.
{{ config(
    materialized='incremental', unique_key='refund_no', event_time='requested_at',
    post_hook="{{ forget_gone_loads(source('tmall', 'refunds')) }}"
) }}

with records as (
    select * from {{ source('tmall', 'refunds') }}
    where {{ is_touched(source('tmall', 'refunds'), unquoted('refund_id'), 'refund_no') }}
),

statuses as (
    select * from {{ ref('source_statuses') }}
    where source_name = 'tmall' and table_name = 'refunds'
),

typed as (
    select
        records.*,
        {{ unquoted('records.refund_id') }} as refund_no,
        {{ unquoted('records.tid') }} as order_id,
        {{ unquoted('records.oid') }} as order_line_id,
        {{ clean('records.outer_id') }} as sku,
        statuses.status as refund_status,
        {{ to_decimal(unquoted('records.refund_fee')) }} as refund_original_amount,
        {{ wall_clock_to_utc(
            unslashed(unquoted('records.created')),
            declared('tmall', 'refunds', 'created', 'time_zone')
        ) }} as requested_at,
        {{ wall_clock_to_utc(
            unslashed(unquoted('records.end_time')),
            declared('tmall', 'refunds', 'end_time', 'time_zone')
        ) }} as ended_at,
        {{ wall_clock_to_utc(
            unslashed(unquoted('records.modified')),
            declared('tmall', 'refunds', 'modified', 'time_zone')
        ) }} as changed_at
    from records
    left join statuses
        on
            {{ status_word('records.status') }}
            = {{ status_word('statuses.source_status') }}
),

judged as (
    select
        *,
        concat_ws(
            ';',
            {{ when_missing('refund_id', 'refund_no') }},
            case when not {{ matches('refund_no', '^[0-9]+$') }} then 'refund_id:not_digits' end,
            {{ when_missing('tid', 'order_id') }},
            case when not {{ matches('order_id', '^[0-9]+$') }} then 'tid:not_digits' end,
            {{ when_missing('status', clean('status')) }},
            case
                when {{ clean('status') }} is not null and refund_status is null
                    then 'status:unknown'
            end,
            {{ when_missing('refund_fee', unquoted('refund_fee')) }},
            {{ when_not_number('refund_fee', 'refund_original_amount', unquoted('refund_fee')) }},
            {{ when_negative('refund_fee', 'refund_original_amount') }},
            {{ when_missing('created', unquoted('created')) }},
            {{ when_not_time('created', 'requested_at', unquoted('created')) }},
            {{ when_not_time('end_time', 'ended_at', unquoted('end_time')) }},
            {{ when_not_time('modified', 'changed_at', unquoted('modified')) }}
        ) as reject_reasons
    from typed
),

ranked as (
    select
        *,
        row_number() over (
            partition by refund_no, reject_reasons = ''
            order by changed_at desc nulls last, _load_no desc, _record_no desc
        ) as copy_no,
        {{ first_clean_load('refund_no') }} as _first_load_no
    from judged
)

select
    refund_no,
    order_id,
    order_line_id,
    sku,
    buyer_nick,
    refund_status,
    refund_original_amount,
    has_good_return as goods_must_return,
    dispute_type as refund_kind,
    good_status as goods_state,
    requested_at,
    ended_at,
    changed_at,
    {{ row_status() }} as row_status,
    reject_reasons,
    _file,
    _record_no,
    _load_no,
    _first_load_no
from ranked
