-- One row per delivered version of an order, judged.
-- The newest clean version of an id is accepted; whether it counts is decided in the timeline.
{{ config(
    materialized='incremental', unique_key='order_id', event_time='ordered_at',
    post_hook="{{ forget_gone_loads(source('shop', 'orders')) }}"
) }}

with records as (
    select * from {{ source('shop', 'orders') }}
    where {{ is_touched(source('shop', 'orders'), clean('id'), 'order_id') }}
),

typed as (
    select
        *,
        {{ clean('id') }} as order_id,
        {{ clean('name') }} as order_number,
        {{ clean('customer_id') }} as shop_customer_id,
        {{ to_utc('created_at') }} as ordered_at,
        {{ to_utc('updated_at') }} as changed_at,
        {{ to_utc('cancelled_at') }} as order_cancelled_at,
        lower({{ clean('financial_status') }}) as payment_status,
        {{ to_boolean('test') }} as is_test,
        upper({{ clean('currency') }}) as currency_code,
        case
            when {{ clean('taxes_included') }} is not null then {{ to_boolean('taxes_included') }}
        end as is_tax_included,
        {{ to_decimal('total_discounts') }} as discount_original_amount,
        {{ to_decimal('total_shipping') }} as shipping_original_amount,
        {{ to_decimal('total_price') }} as paid_original_amount
    from records
),

judged as (
    select
        *,
        concat_ws(
            ';',
            {{ when_missing('id', 'order_id') }},
            {{ when_missing('created_at', clean('created_at')) }},
            {{ when_not_utc('created_at', 'ordered_at') }},
            {{ when_not_utc('updated_at', 'changed_at') }},
            {{ when_not_utc('cancelled_at', 'order_cancelled_at') }},
            {{ when_missing('currency', 'currency_code') }},
            {{ when_unknown_currency('currency', 'currency_code') }},
            {{ when_not_number('total_discounts', 'discount_original_amount') }},
            {{ when_negative('total_discounts', 'discount_original_amount') }},
            {{ when_not_number('total_shipping', 'shipping_original_amount') }},
            {{ when_not_number('total_price', 'paid_original_amount') }}
        ) as reject_reasons
    from typed
),

ranked as (
    select
        *,
        row_number() over (
            partition by order_id, reject_reasons = ''
            order by changed_at desc nulls last, _load_no desc, _record_no desc
        ) as copy_no,
        {{ first_clean_load('order_id') }} as _first_load_no
    from judged
)

select
    order_id,
    order_number,
    shop_customer_id,
    email,
    phone,
    ordered_at,
    changed_at,
    order_cancelled_at,
    payment_status,
    is_test,
    currency_code,
    is_tax_included,
    discount_original_amount,
    shipping_original_amount,
    paid_original_amount,
    {{ row_status() }} as row_status,
    reject_reasons,
    _file,
    _record_no,
    _load_no,
    _first_load_no
from ranked
