-- One row per order of every sales source, counted or not, with the reason when not.
-- Refunds restate the order's date; net revenue is 0 for orders that do not count, so that it
-- always sums.
with orders as (
    select * from {{ ref('int_orders_identified') }}
),

margins as (
    select * from {{ ref('int_order_margins') }}
)

select
    orders.order_key,
    orders.user_key,
    orders.sales_channel_key,
    case
        when orders.store_id is not null then {{ key_of(["'store'", 'orders.store_id']) }}
        else 'unknown'
    end as store_key,
    orders.source_name,
    orders.order_id,
    orders.currency_code,
    orders.tax_basis,
    case
        when orders.row_status = 'superseded' then orders.reject_reasons
        when orders.is_test then 'test'
        when orders.is_staff then 'staff'
        when orders.is_cancelled then 'cancelled'
        when not orders.is_paid then 'unpaid'
        when orders.piece_count = 0 then 'no_items'
        when orders.is_fully_refunded then 'fully_refunded'
        when orders.net_amount = 0 then 'free'
        else 'valid'
    end as order_status,
    cast(orders.purchase_number as bigint) as purchase_number,
    cast(orders.piece_count as bigint) as piece_count,
    cast(orders.gross_amount as decimal(18, 2)) as gross_amount,
    cast(orders.gross_amount - orders.net_amount as decimal(18, 2)) as discount_amount,
    cast(orders.net_amount as decimal(18, 2)) as net_amount,
    cast(orders.refund_amount as decimal(18, 2)) as refund_amount,
    cast(orders.net_revenue_amount as decimal(18, 2)) as net_revenue_amount,
    cast(orders.shipping_amount as decimal(18, 2)) as shipping_amount,
    cast(margins.cost_amount as decimal(18, 2)) as cost_amount,
    cast(margins.commission_amount as decimal(18, 2)) as commission_amount,
    cast(margins.margin_amount as decimal(18, 2)) as margin_amount,
    orders.is_valid,
    orders.order_date,
    orders.ordered_at
from orders
inner join margins on orders.order_key = margins.order_key
