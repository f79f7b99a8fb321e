-- One row per delivered refund, judged.
-- A refund may come before its order or name none; that is no reason to reject it.
{{ config(
    materialized='incremental', unique_key='refund_id', event_time='refunded_at',
    post_hook="{{ forget_gone_loads(source('shop', 'refunds')) }}"
) }}

with records as (
    select * from {{ source('shop', 'refunds') }}
    where {{ is_touched(source('shop', 'refunds'), clean('id'), 'refund_id') }}
),

typed as (
    select
        *,
        {{ clean('id') }} as refund_id,
        {{ clean('order_id') }} as refund_order_id,
        {{ clean('customer_id') }} as shop_customer_id,
        {{ to_utc('created_at') }} as refunded_at,
        upper({{ clean('currency') }}) as currency_code,
        {{ to_decimal('total_refunded') }} as refund_original_amount,
        {{ to_decimal('shipping_refunded') }} as shipping_original_amount
    from records
),

judged as (
    select
        *,
        concat_ws(
            ';',
            {{ when_missing('id', 'refund_id') }},
            {{ when_missing('created_at', clean('created_at')) }},
            {{ when_not_utc('created_at', 'refunded_at') }},
            {{ when_unknown_currency('currency', 'currency_code') }},
            {{ when_not_number('total_refunded', 'refund_original_amount') }},
            {{ when_negative('total_refunded', 'refund_original_amount') }},
            {{ when_not_number('shipping_refunded', 'shipping_original_amount') }},
            {{ when_negative('shipping_refunded', 'shipping_original_amount') }}
        ) as reject_reasons
    from typed
),

ranked as (
    select
        *,
        row_number() over (
            partition by refund_id, reject_reasons = ''
            order by _load_no desc, _record_no desc
        ) as copy_no,
        {{ first_clean_load('refund_id') }} as _first_load_no
    from judged
)

select
    refund_id,
    refund_order_id as order_id,
    shop_customer_id,
    refunded_at,
    currency_code,
    refund_original_amount,
    coalesce(shipping_original_amount, 0) as shipping_original_amount,
    {{ row_status() }} as row_status,
    reject_reasons,
    _file,
    _record_no,
    _load_no,
    _first_load_no
from ranked
