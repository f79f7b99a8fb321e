-- One row per order of every sales source, counted or not, with the reason when not.
-- Refunds restate the order's date; net revenue is 0 for orders that do not count, so that it
-- always sums.
with orders as (
    select * from {{ ref('int_orders_identified') }}
)

select
    order_key,
    user_key,
    sales_channel_key,
    case
        when store_id is not null then {{ key_of(["'store'", 'store_id']) }}
        else 'unknown'
    end as store_key,
    source_name,
    order_id,
    currency_code,
    tax_basis,
    case
        when row_status = 'superseded' then reject_reasons
        when is_test then 'test'
        when is_staff then 'staff'
        when is_cancelled then 'cancelled'
        when not is_paid then 'unpaid'
        when piece_count = 0 then 'no_items'
        when is_fully_refunded then 'fully_refunded'
        when net_amount = 0 then 'free'
        else 'valid'
    end as order_status,
    cast(purchase_number as bigint) as purchase_number,
    cast(piece_count as bigint) as piece_count,
    cast(gross_amount as decimal(18, 2)) as gross_amount,
    cast(gross_amount - net_amount as decimal(18, 2)) as discount_amount,
    cast(net_amount as decimal(18, 2)) as net_amount,
    cast(refund_amount as decimal(18, 2)) as refund_amount,
    cast(net_revenue_amount as decimal(18, 2)) as net_revenue_amount,
    cast(shipping_amount as decimal(18, 2)) as shipping_amount,
    is_valid,
    order_date,
    ordered_at
from orders
