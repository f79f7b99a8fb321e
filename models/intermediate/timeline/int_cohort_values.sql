-- One row per person with a first purchase and horizon: what the person brought in within it.
-- Days count from the day of the first purchase, day < horizon; whoever is younger than the horizon
-- is here with what is known so far, so readers leave the young out. Refunds restate, however late.
with customers as (
    select * from {{ ref('int_new_customers') }}
),

orders as (
    select
        orders.user_key,
        orders.order_date,
        sum(orders.net_revenue_amount) as net_revenue_amount,
        sum(margins.margin_amount) as margin_amount,
        {{ costed_revenue(
            'margins.margin_amount', 'orders.net_revenue_amount'
        ) }} as costed_net_revenue_amount
    from {{ ref('int_orders_identified') }} as orders
    inner join {{ ref('int_order_margins') }} as margins on orders.order_key = margins.order_key
    where orders.is_valid
    group by orders.user_key, orders.order_date
),

horizons as (
    select * from {{ ref('horizons') }}
)

select
    {{ key_of(['customers.user_key', 'horizons.horizon_days']) }} as cohort_value_key,
    customers.user_key,
    customers.first_order_status,
    cast(horizons.horizon_days as bigint) as horizon_days,
    cast(sum(orders.net_revenue_amount) as decimal(18, 2)) as net_revenue_amount,
    cast(sum(orders.margin_amount) as decimal(18, 2)) as margin_amount,
    cast(
        coalesce(sum(orders.costed_net_revenue_amount), 0) as decimal(18, 2)
    ) as costed_net_revenue_amount,
    customers.first_order_date,
    customers.cohort_month
from customers
cross join horizons
inner join orders
    on
        customers.user_key = orders.user_key
        and {{ days_between(
            'customers.first_order_date', 'orders.order_date'
        ) }} < horizons.horizon_days
group by
    customers.user_key, customers.first_order_status, horizons.horizon_days,
    customers.first_order_date, customers.cohort_month
