-- One row per item line of an order of the mall, with its part of the order's own discount.
-- What the order's discount exceeds those of its lines is spread by line value, in whole cents.
with orders as (
    select * from {{ ref('stg_shop__orders') }}
),

lines as (
    select * from {{ ref('stg_shop__order_lines') }}
),

weighed as (
    select
        lines.*,
        {{ cents('lines.gross_original_amount - lines.discount_original_amount') }} as line_cents,
        {{ cents('orders.discount_original_amount') }} as order_discount_cents
    from lines
    inner join orders on lines.order_id = orders.order_id
),

summed as (
    select
        *,
        sum(line_cents) over (
            partition by order_id
            order by order_line_id
            rows between unbounded preceding and current row
        ) as running_cents,
        sum(line_cents) over (partition by order_id) as order_cents,
        order_discount_cents
        - {{ cents('sum(discount_original_amount) over (partition by order_id)') }} as open_cents
    from weighed
),

spread as (
    select
        *,
        cast(least(greatest(coalesce(open_cents, 0), 0), order_cents) as bigint) as spread_cents,
        cast(running_cents as bigint) as upto_cents,
        cast(running_cents - line_cents as bigint) as before_cents,
        cast(order_cents as bigint) as all_cents
    from summed
)

select
    {{ key_of(["'shop'", "'order_lines'", 'order_line_id']) }} as order_item_key,
    {{ key_of(["'shop'", "'orders'", 'order_id']) }} as order_key,
    'shop' as source_name,
    sku,
    product_name,
    cast(null as varchar(500)) as category_name,
    piece_count,
    gross_original_amount,
    discount_original_amount + cast(
        coalesce({{ cents_share('spread_cents', 'upto_cents', 'all_cents') }}, 0)
        - coalesce(
            {{ cents_share('spread_cents', 'before_cents', 'all_cents') }}, 0
        ) as decimal(18, 4)
    ) * cast(0.01 as decimal(3, 2)) as discount_original_amount,
    load_no
from spread
