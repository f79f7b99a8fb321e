-- One row per delivered state of a refund of the delivery platform, judged.
-- The newest clean state of a refund is accepted, agreed or not.
{{ config(
    materialized='incremental', unique_key='refund_no', event_time='asked_at',
    post_hook="{{ forget_gone_loads(source('delivery', 'refunds')) }}"
) }}

with records as (
    select * from {{ source('delivery', 'refunds') }}
    where {{ is_touched(source('delivery', 'refunds'), clean('refund_id'), 'refund_no') }}
),

statuses as (
    select * from {{ ref('source_statuses') }}
    where source_name = 'delivery' and table_name = 'refunds'
),

typed as (
    select
        records.*,
        {{ clean('records.refund_id') }} as refund_no,
        {{ clean('records.wm_order_id_view') }} as order_id,
        statuses.status as refund_status,
        {{ to_integer('records.refund_type') }} as type_code,
        {{ any_time_to_utc(
            'records.ctime', declared('delivery', 'refunds', 'ctime', 'time_zone')
        ) }} as asked_at,
        {{ any_time_to_utc(
            'records.utime', declared('delivery', 'refunds', 'utime', 'time_zone')
        ) }} as changed_at,
        {{ float_to_decimal('records.money') }} as paid_back_original_amount
    from records
    left join statuses
        on {{ status_word('records.res_type') }} = {{ status_word('statuses.source_status') }}
),

judged as (
    select
        *,
        concat_ws(
            ';',
            {{ when_missing('refund_id', 'refund_no') }},
            {{ when_missing('wm_order_id_view', 'order_id') }},
            {{ when_missing('res_type', clean('res_type')) }},
            case
                when {{ clean('res_type') }} is not null and refund_status is null
                    then 'res_type:unknown'
            end,
            case when coalesce(type_code, 0) not in (1, 2, 3) then 'refund_type:unknown' end,
            {{ when_missing('ctime', clean('ctime')) }},
            {{ when_not_time('ctime', 'asked_at') }},
            {{ when_not_time('utime', 'changed_at') }},
            {{ when_missing('money', clean('money')) }},
            {{ when_not_number('money', 'paid_back_original_amount') }},
            {{ when_negative('money', 'paid_back_original_amount') }}
        ) as reject_reasons
    from typed
),

ranked as (
    select
        *,
        row_number() over (
            partition by refund_no, reject_reasons = ''
            order by changed_at desc nulls last, _load_no desc, _record_no desc
        ) as copy_no
    from judged
)

select
    refund_no,
    order_id,
    refund_status,
    type_code = 1 as is_whole_order,
    coalesce({{ clean('part_refund_list') }}, '[]') not in ('[]', 'null') as has_items,
    asked_at,
    changed_at,
    paid_back_original_amount,
    {{ row_status() }} as row_status,
    reject_reasons,
    _file,
    _record_no,
    _load_no
from ranked
