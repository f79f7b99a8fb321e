-- The cohorts of one kind, new and truncated, are together all people with a first purchase.
with customers as (
    select count(*) as customer_count
    from {{ ref('dim_users') }} as users
    inner join {{ ref('dim_as_of') }} as as_of
        on as_of.metric_family = 'orders' and users.first_order_date <= as_of.as_of_date
),

cohorts as (
    select
        acquisition_channel_key = 'all' as is_total,
        sum(cohort_customers + truncated_customers) as customer_count
    from {{ ref('user_retention') }}
    where retention_type = 'buying' and age_months = 0
    group by 1
)

select cohorts.*
from cohorts
cross join customers
where cohorts.customer_count <> customers.customer_count
