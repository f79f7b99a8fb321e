-- One row per delivered state of a Tmall order, judged.
-- The newest clean state of an order is accepted: by its own time where told, else by delivery,
-- and of one delivery the paid one, because a payment is not taken back.
{{ config(
    materialized='incremental', unique_key='order_id', event_time='ordered_at',
    post_hook="{{ forget_gone_loads(source('tmall', 'orders')) }}"
) }}

with records as (
    select * from {{ source('tmall', 'orders') }}
    where {{ is_touched(source('tmall', 'orders'), unquoted('tid'), 'order_id') }}
),

statuses as (
    select * from {{ ref('source_statuses') }}
    where source_name = 'tmall' and table_name = 'orders'
),

typed as (
    select
        records.*,
        {{ unquoted('records.tid') }} as order_id,
        statuses.status as order_status,
        {{ wall_clock_to_utc(
            unslashed(unquoted('records.created')),
            declared('tmall', 'orders', 'created', 'time_zone')
        ) }} as ordered_at,
        {{ wall_clock_to_utc(
            unslashed(unquoted('records.pay_time')),
            declared('tmall', 'orders', 'pay_time', 'time_zone')
        ) }} as paid_at,
        {{ wall_clock_to_utc(
            unslashed(unquoted('records.modified')),
            declared('tmall', 'orders', 'modified', 'time_zone')
        ) }} as changed_at,
        {{ to_decimal(unquoted('records.payable_fee')) }} as payable_original_amount,
        {{ to_decimal(unquoted('records.post_fee')) }} as shipping_original_amount,
        {{ to_decimal(unquoted('records.payment')) }} as paid_original_amount,
        {{ to_decimal(unquoted('records.platform_subsidy_fee')) }} as subsidy_original_amount,
        {{ to_decimal(unquoted('records.commission_fee')) }} as commission_original_amount,
        {{ to_integer(unquoted('records.num')) }} as piece_count,
        {{ first_group(clean('records.receiver_state'), '^([^ 　]{2,8})([ 　]|$)') }}
            as receiver_province
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
            {{ when_missing('tid', 'order_id') }},
            case when not {{ matches('order_id', '^[0-9]+$') }} then 'tid:not_digits' end,
            {{ when_missing('status', clean('status')) }},
            case
                when {{ clean('status') }} is not null and order_status is null
                    then 'status:unknown'
            end,
            {{ when_missing('created', unquoted('created')) }},
            {{ when_not_time('created', 'ordered_at', unquoted('created')) }},
            {{ when_not_time('pay_time', 'paid_at', unquoted('pay_time')) }},
            {{ when_not_time('modified', 'changed_at', unquoted('modified')) }},
            {{ when_not_number(
                'payable_fee', 'payable_original_amount', unquoted('payable_fee')
            ) }},
            {{ when_negative('payable_fee', 'payable_original_amount') }},
            {{ when_not_number('post_fee', 'shipping_original_amount', unquoted('post_fee')) }},
            {{ when_negative('post_fee', 'shipping_original_amount') }},
            {{ when_not_number('payment', 'paid_original_amount', unquoted('payment')) }},
            {{ when_negative('payment', 'paid_original_amount') }},
            {{ when_not_number(
                'platform_subsidy_fee', 'subsidy_original_amount', unquoted('platform_subsidy_fee')
            ) }},
            {{ when_not_number(
                'commission_fee', 'commission_original_amount', unquoted('commission_fee')
            ) }}
        ) as reject_reasons
    from typed
),

ranked as (
    select
        *,
        row_number() over (
            partition by order_id, reject_reasons = ''
            order by
                changed_at desc nulls last, _load_no desc, paid_at desc nulls last, _record_no desc
        ) as copy_no,
        {{ first_clean_load('order_id') }} as _first_load_no
    from judged
)

select
    order_id,
    order_status,
    buyer_nick,
    receiver_mobile,
    receiver_province,
    ordered_at,
    paid_at,
    changed_at,
    payable_original_amount,
    shipping_original_amount,
    paid_original_amount,
    subsidy_original_amount,
    commission_original_amount,
    piece_count,
    {{ row_status() }} as row_status,
    reject_reasons,
    _file,
    _record_no,
    _load_no,
    _first_load_no
from ranked
