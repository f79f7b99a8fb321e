-- Every customer's purchases, orders, revenue and margin, summed from the orders up to the as-of
-- day.
with plain as (
    select
        orders.user_key,
        count(distinct orders.order_date) as purchase_count,
        count(*) as order_count,
        sum(orders.net_revenue_amount) as net_revenue_amount,
        sum(orders.margin_amount) as margin_amount,
        count(*) - count(orders.margin_amount) as uncosted_orders,
        max(orders.order_date) as last_order_date
    from {{ ref('fct_orders') }} as orders
    inner join {{ ref('dim_as_of') }} as as_of
        on as_of.metric_family = 'orders' and orders.order_date <= as_of.as_of_date
    where orders.is_valid and orders.user_key <> 'unknown'
    group by 1
)

select coalesce(plain.user_key, users.user_key) as user_key
from plain
full join {{ ref('user_lifetime_value') }} as users on plain.user_key = users.user_key
where
    plain.user_key is null
    or users.user_key is null
    or plain.purchase_count <> users.purchase_count
    or plain.order_count <> users.order_count
    or plain.net_revenue_amount <> users.net_revenue_amount
    or plain.last_order_date <> users.last_order_date
    or (plain.uncosted_orders > 0) <> (users.margin_amount is null)
    or (plain.uncosted_orders = 0 and plain.margin_amount <> users.margin_amount)
