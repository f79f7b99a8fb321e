-- One row per line of an order of Tmall, with its part of what was agreed for the whole order.
-- What the order's goods cost more or less than its lines is spread by value, in whole cents: less
-- is an order's discount; more is a price raised by hand, unless pieces are missing.
with orders as (
    select * from {{ ref('stg_tmall__orders') }}
),

lines as (
    select * from {{ ref('stg_tmall__order_details') }}
),

weighed as (
    select
        lines.*,
        {{ cents('lines.line_original_amount') }} as line_cents,
        {{ cents('orders.goods_original_amount') }} as goods_cents,
        {{ cents('orders.subsidy_original_amount') }} as subsidy_cents,
        orders.piece_count as order_piece_count,
        sum(lines.piece_count) over (partition by lines.order_id) as lines_piece_count,
        sum({{ cents('lines.line_original_amount') }}) over (
            partition by lines.order_id
        ) as lines_cents,
        min(case when lines.has_share then 1 else 0 end) over (
            partition by lines.order_id
        ) as is_shared
    from lines
    inner join orders on lines.order_id = orders.order_id
),

-- Lines that cost nothing share by pieces. What the vendor has split already stays as it is.
summed as (
    select
        *,
        case when lines_cents > 0 then line_cents else piece_count end as weight,
        sum(case when lines_cents > 0 then line_cents else piece_count end) over (
            partition by order_id
            order by order_line_id
            rows between unbounded preceding and current row
        ) as weight_upto,
        case when lines_cents > 0 then lines_cents else lines_piece_count end as weight_sum,
        case when is_shared = 1 then subsidy_cents else goods_cents - lines_cents end as open_cents
    from weighed
),

spread as (
    select
        *,
        case when open_cents < 0 then -1 else 1 end as sign,
        cast(
            case
                when open_cents < 0 or is_shared = 1 or order_piece_count = lines_piece_count
                    then coalesce(abs(open_cents), 0)
                else 0
            end as bigint
        ) as spread_cents,
        cast(weight_upto as bigint) as upto_weight,
        cast(weight_upto - weight as bigint) as before_weight,
        cast(weight_sum as bigint) as whole_weight
    from summed
)

select
    {{ key_of(["'tmall'", "'order_details'", 'order_line_id']) }} as order_item_key,
    {{ key_of(["'tmall'", "'orders'", 'order_id']) }} as order_key,
    'tmall' as source_name,
    sku,
    product_name,
    cast(null as varchar(500)) as category_name,
    piece_count,
    gross_original_amount,
    gross_original_amount - line_original_amount - sign * cast(
        {{ cents_share('spread_cents', 'upto_weight', 'whole_weight') }}
        - {{ cents_share('spread_cents', 'before_weight', 'whole_weight') }} as decimal(18, 4)
    ) * cast(0.01 as decimal(3, 2)) as discount_original_amount,
    load_no
from spread
