-- Margin of cohorts, and the revenue it is of, summed another way: over all channels and months,
-- with the horizon counted from the first day bought.
with orders as (
    select
        *,
        min(order_date) over (partition by user_key) as first_date
    from {{ ref('fct_orders') }}
    where is_valid and user_key <> 'unknown'
),

plain as (
    select
        horizons.horizon_days,
        sum(orders.margin_amount) as margin_amount,
        sum(
            case when orders.margin_amount is not null then orders.net_revenue_amount else 0 end
        ) as costed_amount
    from orders
    inner join {{ ref('dim_users') }} as users on orders.user_key = users.user_key
    cross join {{ ref('horizons') }} as horizons
    inner join {{ ref('dim_as_of') }} as as_of
        on
            as_of.metric_family = 'orders'
            and {{ days_between('orders.first_date', 'as_of.as_of_date') }}
            >= horizons.horizon_days
    where
        users.first_order_status = 'known'
        and {{ days_between('orders.first_date', 'orders.order_date') }} < horizons.horizon_days
    group by 1
),

cohorts as (
    select
        horizon_days,
        sum(margin_amount) as margin_amount,
        sum(cost_coverage_share * net_revenue_amount) as costed_amount,
        sum(net_revenue_amount) as net_revenue_amount
    from {{ ref('ltv_cohorts') }}
    group by 1
)

select cohorts.horizon_days, cohorts.margin_amount, plain.margin_amount as plain_amount
from cohorts
left join plain on cohorts.horizon_days = plain.horizon_days
where
    coalesce(cohorts.margin_amount, 0) <> coalesce(plain.margin_amount, 0)
    -- A share has six decimals.
    or abs(coalesce(cohorts.costed_amount, 0) - coalesce(plain.costed_amount, 0))
    > cohorts.net_revenue_amount / 1000000
