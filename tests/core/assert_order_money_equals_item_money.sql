-- Money goes unchanged from items to orders: every sum of the two marts is equal, per source.
with items as (
    select
        source_name,
        sum(gross_amount) as gross_amount,
        sum(net_amount) as net_amount,
        sum(refund_amount) as refund_amount,
        sum(net_revenue_amount) as net_revenue_amount
    from {{ ref('fct_order_items') }}
    group by 1
),

orders as (
    select
        source_name,
        sum(gross_amount) as gross_amount,
        sum(net_amount) as net_amount,
        sum(refund_amount) as refund_amount,
        sum(net_revenue_amount) as net_revenue_amount
    from {{ ref('fct_orders') }}
    group by 1
)

select orders.source_name, items.source_name as item_source_name
from orders
full join items on orders.source_name = items.source_name
where
    coalesce(orders.gross_amount, 0) <> coalesce(items.gross_amount, 0)
    or coalesce(orders.net_amount, 0) <> coalesce(items.net_amount, 0)
    or coalesce(orders.refund_amount, 0) <> coalesce(items.refund_amount, 0)
    or coalesce(orders.net_revenue_amount, 0) <> coalesce(items.net_revenue_amount, 0)
