-- What single customers were worth in their first days is together what the cohorts were worth.
with customers as (
    select
        horizons.horizon_days,
        sum(
            case horizons.horizon_days
                when 30 then users.net_revenue_30d_amount
                when 90 then users.net_revenue_90d_amount
                when 180 then users.net_revenue_180d_amount
                when 365 then users.net_revenue_365d_amount
            end
        ) as net_revenue_amount
    from {{ ref('user_lifetime_value') }} as users
    cross join {{ ref('horizons') }} as horizons
    where horizons.horizon_days in (30, 90, 180, 365)
    group by 1
),

cohorts as (
    select horizon_days, sum(net_revenue_amount) as net_revenue_amount
    from {{ ref('ltv_cohorts') }}
    group by 1
)

select customers.*
from customers
inner join cohorts on customers.horizon_days = cohorts.horizon_days
where coalesce(customers.net_revenue_amount, 0) <> coalesce(cohorts.net_revenue_amount, 0)
