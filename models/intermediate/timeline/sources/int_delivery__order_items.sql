-- One row per line of an order of the delivery platform, with its part of the shop's discounts.
-- Spread by line value in whole cents. What the platform bears, it pays to the shop, so it is no
-- discount of ours; nor is one on the delivery fee.
with orders as (
    select * from {{ ref('stg_delivery__orders') }}
),

lines as (
    select * from {{ ref('stg_delivery__order_items') }}
),

discounts as (
    select
        order_id,
        sum(shop_original_amount) as discount_original_amount
    from {{ ref('stg_delivery__order_discounts') }}
    where not is_on_delivery_fee
    group by 1
),

weighed as (
    select
        lines.*,
        {{ cents('lines.gross_original_amount') }} as line_cents,
        {{ cents('coalesce(discounts.discount_original_amount, 0)') }} as discount_cents
    from lines
    inner join orders on lines.order_id = orders.order_id
    left join discounts on lines.order_id = discounts.order_id
),

summed as (
    select
        *,
        sum(line_cents) over (
            partition by order_id
            order by order_item_id
            rows between unbounded preceding and current row
        ) as running_cents,
        sum(line_cents) over (partition by order_id) as order_cents
    from weighed
),

spread as (
    select
        *,
        cast(least(discount_cents, order_cents) as bigint) as spread_cents,
        cast(running_cents as bigint) as upto_cents,
        cast(running_cents - line_cents as bigint) as before_cents,
        cast(order_cents as bigint) as all_cents
    from summed
)

select
    {{ key_of(["'delivery'", "'order_items'", 'order_item_id']) }} as order_item_key,
    {{ key_of(["'delivery'", "'orders'", 'order_id']) }} as order_key,
    'delivery' as source_name,
    sku,
    product_name,
    cast(null as varchar(500)) as category_name,
    piece_count,
    gross_original_amount,
    cast(
        coalesce({{ cents_share('spread_cents', 'upto_cents', 'all_cents') }}, 0)
        - coalesce(
            {{ cents_share('spread_cents', 'before_cents', 'all_cents') }}, 0
        ) as decimal(18, 4)
    ) * cast(0.01 as decimal(3, 2)) as discount_original_amount,
    load_no
from spread
