-- Realised value, summed another way: what the items of known new customers old enough brought in,
-- over all channels and months, with the horizon counted from the first day bought.
with first_days as (
    select items.user_key, min(items.order_date) as first_date
    from {{ ref('fct_order_items') }} as items
    where items.is_valid and items.user_key <> 'unknown'
    group by 1
),

aged as (
    select
        items.net_revenue_amount,
        first_days.user_key,
        first_days.first_date,
        {{ days_between('first_days.first_date', 'items.order_date') }} as age_days
    from first_days
    inner join {{ ref('fct_order_items') }} as items on first_days.user_key = items.user_key
),

plain as (
    select
        horizons.horizon_days,
        sum(
            case when aged.age_days < horizons.horizon_days then aged.net_revenue_amount end
        ) as net_revenue_amount
    from aged
    inner join {{ ref('dim_users') }} as users on aged.user_key = users.user_key
    cross join {{ ref('horizons') }} as horizons
    inner join {{ ref('dim_as_of') }} as as_of
        on
            as_of.metric_family = 'orders'
            and {{ days_between('aged.first_date', 'as_of.as_of_date') }} >= horizons.horizon_days
    where users.first_order_status = 'known'
    group by 1
),

cohorts as (
    select horizon_days, sum(net_revenue_amount) as net_revenue_amount
    from {{ ref('ltv_cohorts') }}
    group by 1
)

select
    cohorts.horizon_days,
    cohorts.net_revenue_amount,
    plain.net_revenue_amount as plain_amount
from cohorts
left join plain on cohorts.horizon_days = plain.horizon_days
where coalesce(cohorts.net_revenue_amount, 0) <> coalesce(plain.net_revenue_amount, 0)
