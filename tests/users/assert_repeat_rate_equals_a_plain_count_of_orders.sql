-- Repeat customers counted another way: known new customers old enough with a valid order on a
-- later
-- day within the horizon, over all channels and months.
with orders as (
    select distinct user_key, order_date from {{ ref('fct_orders') }} where is_valid
),

plain as (
    select
        horizons.horizon_days,
        count(distinct users.user_key) as mature_customers,
        count(distinct later.user_key) as repeat_customers
    from {{ ref('dim_users') }} as users
    cross join {{ ref('horizons') }} as horizons
    inner join {{ ref('dim_as_of') }} as as_of
        on
            as_of.metric_family = 'orders'
            and {{ days_between('users.first_order_date', 'as_of.as_of_date') }}
            >= horizons.horizon_days
    left join orders as later
        on
            users.user_key = later.user_key
            and later.order_date > users.first_order_date
            and {{ days_between('users.first_order_date', 'later.order_date') }}
            <= horizons.horizon_days
    where users.first_order_status = 'known'
    group by 1
),

rates as (
    select
        horizon_days,
        sum(mature_customers) as mature_customers,
        sum(repeat_customers) as repeat_customers
    from {{ ref('repeat_rate') }}
    group by 1
)

select rates.horizon_days, rates.repeat_customers, plain.repeat_customers as plain_customers
from rates
left join plain on rates.horizon_days = plain.horizon_days
where
    coalesce(rates.mature_customers, 0) <> coalesce(plain.mature_customers, 0)
    or coalesce(rates.repeat_customers, 0) <> coalesce(plain.repeat_customers, 0)
