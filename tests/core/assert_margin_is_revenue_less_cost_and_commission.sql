-- An order's margin adds up, from the lines' own costs and never from a sum that hides a null.
with items as (
    select
        order_key,
        sum(cost_amount) as cost_amount,
        count(*) - count(cost_amount) as items_without_cost
    from {{ ref('fct_order_items') }}
    group by 1
)

select orders.order_key
from {{ ref('fct_orders') }} as orders
left join items on orders.order_key = items.order_key
where
    (
        orders.is_valid
        and items.items_without_cost > 0
        and orders.margin_amount is not null
    )
    or (
        orders.is_valid
        and items.items_without_cost = 0
        and orders.commission_amount is not null
        and (
            orders.margin_amount is null
            or orders.margin_amount
            <> orders.net_revenue_amount - items.cost_amount - orders.commission_amount
        )
    )
    or (not orders.is_valid and orders.margin_amount <> 0)
