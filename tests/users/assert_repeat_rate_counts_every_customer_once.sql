-- For every horizon, new and truncated customers together are all people with a first purchase.
with customers as (
    select count(*) as customer_count
    from {{ ref('dim_users') }} as users
    inner join {{ ref('dim_as_of') }} as as_of
        on
            as_of.metric_family = 'orders'
            and users.first_order_date <= as_of.as_of_date
),

rates as (
    select
        horizon_days,
        sum(new_customers + truncated_customers) as customer_count
    from {{ ref('repeat_rate') }}
    group by 1
)

select rates.*
from rates
cross join customers
where rates.customer_count <> customers.customer_count
