-- An order's discount is spread over its lines without losing a cent, unless it exceeds the order.
with delivered as (
    select
        {{ key_of(["'shop'", "'orders'", 'order_id']) }} as order_key,
        discount_original_amount
    from {{ ref('stg_shop__orders') }}
    where discount_original_amount is not null
),

spread as (
    select
        order_key,
        sum(gross_original_amount) as gross_original_amount,
        sum(gross_original_amount - net_original_amount) as discount_original_amount
    from {{ ref('int_order_items') }}
    where source_name = 'shop'
    group by 1
),

line_discounts as (
    select
        {{ key_of(["'shop'", "'orders'", 'order_id']) }} as order_key,
        sum(discount_original_amount) as discount_original_amount
    from {{ ref('stg_shop__order_lines') }}
    group by 1
)

select spread.*
from spread
inner join delivered on spread.order_key = delivered.order_key
inner join line_discounts on spread.order_key = line_discounts.order_key
where
    abs(spread.discount_original_amount - greatest(
        line_discounts.discount_original_amount,
        least(delivered.discount_original_amount, spread.gross_original_amount)
    )) >= 0.01
