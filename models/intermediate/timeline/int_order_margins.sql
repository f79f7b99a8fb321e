-- One row per order, with what its goods and its platform cost, in the reporting currency.
-- Margin = net revenue - cost - commission; null when the cost of any item or the commission is
-- unknown; all 0 on orders that do not count, so that they always sum.
with orders as (
    select * from {{ ref('int_orders_identified') }}
),

rates as (
    select * from {{ ref('int_exchange_rates') }}
),

costs as (
    select
        order_key,
        case when count(cost_amount) = count(*) then sum(cost_amount) end as cost_amount
    from {{ ref('int_item_costs') }}
    group by 1
),

priced as (
    select
        orders.order_key,
        orders.net_revenue_amount,
        case when orders.is_valid then costs.cost_amount else 0 end as cost_amount,
        case
            when orders.is_valid
                then {{ to_cents('orders.commission_original_amount * rates.rate') }}
            else 0
        end as commission_amount
    from orders
    left join costs on orders.order_key = costs.order_key
    left join rates
        on
            orders.currency_code = rates.currency_code
            and orders.order_date >= rates.valid_from_date
            and orders.order_date < rates.valid_to_date
)

select
    order_key,
    cost_amount,
    commission_amount,
    net_revenue_amount - cost_amount - commission_amount as margin_amount
from priced
