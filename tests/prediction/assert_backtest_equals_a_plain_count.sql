-- What came after each day looked ahead from, counted from the orders of known customers; and the
-- months of a day add up to all of it.
with backtest as (
    select * from {{ ref('ltv_backtest') }} where predicted_customers = customers
),

totals as (
    select * from backtest where cohort_type = 'all'
),

order_days as (
    select user_key, order_date, sum(net_revenue_amount) as net_revenue_amount
    from {{ ref('fct_orders') }}
    where is_valid and user_key <> 'unknown'
    group by 1, 2
),

first_days as (
    select user_key, min(order_date) as first_date from order_days group by 1
),

plain as (
    select
        totals.ltv_backtest_key,
        count(*) as orders,
        sum(order_days.net_revenue_amount) as revenue_amount
    from totals
    inner join first_days on totals.origin_date >= first_days.first_date
    inner join order_days
        on
            first_days.user_key = order_days.user_key
            and {{ days_between('totals.origin_date', 'order_days.order_date') }}
            between 1 and totals.horizon_days
    group by 1
),

months as (
    select
        origin_date,
        horizon_days,
        score_name,
        sum(customers) as customers,
        sum(actual_orders) as actual_orders,
        sum(predicted_orders) as predicted_orders
    from {{ ref('ltv_backtest') }}
    where cohort_type = 'month'
    group by 1, 2, 3
)

select totals.*
from totals
left join plain on totals.ltv_backtest_key = plain.ltv_backtest_key
left join months
    on
        totals.origin_date = months.origin_date
        and totals.horizon_days = months.horizon_days
        and totals.score_name = months.score_name
where
    totals.actual_orders <> coalesce(plain.orders, 0)
    or totals.actual_revenue_amount <> coalesce(plain.revenue_amount, 0)
    or totals.customers <> coalesce(months.customers, 0)
    or totals.actual_orders <> coalesce(months.actual_orders, 0)
    or abs(totals.predicted_orders - coalesce(months.predicted_orders, 0)) > 0.001
