-- One row per month of first purchase, acquisition channel (and `all`), kind of return and age.
-- Null until month m + k has passed completely: a young cohort has no rate, never a low one. Only
-- customers known to be new are followed; the others are counted beside.
with as_of as (
    select * from {{ ref('dim_as_of') }} where metric_family in ('orders', 'activity')
),

-- The activity of customers is complete when both their orders and all activity are.
kinds as (
    select 'buying' as retention_type, as_of_date from as_of where metric_family = 'orders'
    union all
    select 'active', case when count(as_of_date) = 2 then min(as_of_date) end from as_of
),

channels as (
    select user_key, acquisition_channel_key from {{ ref('dim_users') }}
    union all
    select user_key, 'all' from {{ ref('dim_users') }}
),

customers as (
    select customers.*, kinds.retention_type, kinds.as_of_date
    from {{ ref('int_new_customers') }} as customers
    inner join kinds on customers.first_order_date <= kinds.as_of_date
),

days as (
    select user_key, 'buying' as retention_type, purchase_date as day
    from {{ ref('int_purchases') }}
    union all
    select user_key, 'active', activity_date
    from {{ ref('int_active_days') }} where sales_channel_key = 'all'
),

months as (
    select
        customers.user_key,
        customers.cohort_month,
        customers.retention_type,
        {{ month_start('days.day') }} as month_date,
        max(max(days.day)) over (
            partition by customers.user_key, customers.retention_type
        ) = max(days.day) as is_last
    from customers
    inner join days
        on
            customers.user_key = days.user_key
            and customers.retention_type = days.retention_type
            and days.day between customers.cohort_month and customers.as_of_date
    where customers.first_order_status = 'known'
    group by 1, 2, 3, 4
),

returned as (
    select
        months.cohort_month,
        channels.acquisition_channel_key,
        months.retention_type,
        months.month_date,
        count(*) as retained_customers,
        count(case when months.is_last then 1 end) as last_seen_customers
    from months
    inner join channels on months.user_key = channels.user_key
    group by 1, 2, 3, 4
),

cohorts as (
    select
        customers.cohort_month,
        channels.acquisition_channel_key,
        customers.retention_type,
        customers.as_of_date,
        count(case when customers.first_order_status = 'known' then 1 end) as cohort_customers,
        count(case when customers.first_order_status <> 'known' then 1 end) as truncated_customers
    from customers
    inner join channels on customers.user_key = channels.user_key
    group by 1, 2, 3, 4
),

aged as (
    select
        cohorts.*,
        ages.month_date,
        coalesce(returned.retained_customers, 0) as retained_customers,
        sum(coalesce(returned.last_seen_customers, 0)) over (
            partition by
                cohorts.cohort_month, cohorts.acquisition_channel_key, cohorts.retention_type
            order by ages.month_date desc
        ) as rolling_customers,
        {{ add_months('ages.month_date', 1) }} <= {{ add_days('cohorts.as_of_date', 1) }}
        and cohorts.cohort_customers > 0 as is_complete
    from cohorts
    inner join (select distinct month_date from {{ ref('dim_dates') }}) as ages
        on ages.month_date between cohorts.cohort_month and cohorts.as_of_date
    left join returned
        on
            cohorts.cohort_month = returned.cohort_month
            and cohorts.acquisition_channel_key = returned.acquisition_channel_key
            and cohorts.retention_type = returned.retention_type
            and ages.month_date = returned.month_date
)

select
    {{ key_of(['cohort_month', 'acquisition_channel_key', 'retention_type', 'month_date']) }}
        as user_retention_key,
    acquisition_channel_key,
    retention_type,
    {{ months_between('cohort_month', 'month_date') }} as age_months,
    cast(cohort_customers as bigint) as cohort_customers,
    cast(case when is_complete then retained_customers end as bigint) as retained_customers,
    {{ ratio('case when is_complete then retained_customers end', 'cohort_customers') }}
        as retention_rate,
    cast(case when is_complete then rolling_customers end as bigint) as rolling_retained_customers,
    {{ ratio('case when is_complete then rolling_customers end', 'cohort_customers') }}
        as rolling_retention_rate,
    cast(truncated_customers as bigint) as truncated_customers,
    is_complete,
    cohort_month as cohort_month_date,
    month_date
from aged
