-- One row per month of first purchase, acquisition channel and horizon in days.
-- Only new customers whose horizon has passed by the as-of day are on either side of the rate.
with customers as (
    select * from {{ ref('int_new_customers') }}
),

users as (
    select * from {{ ref('dim_users') }}
),

horizons as (
    select * from {{ ref('horizons') }}
),

as_of as (
    select as_of_date from {{ ref('dim_as_of') }} where metric_family = 'orders'
),

aged as (
    select
        customers.cohort_month,
        users.acquisition_channel_key,
        horizons.horizon_days,
        {{ month_end('customers.cohort_month') }} <= as_of.as_of_date as is_month_over,
        customers.first_order_status = 'known' as is_new,
        {{ add_days(
            'customers.first_order_date', 'horizons.horizon_days'
        ) }} <= as_of.as_of_date as is_old_enough,
        coalesce(customers.second_order_age_days <= horizons.horizon_days, false) as is_repeating
    from customers
    inner join users on customers.user_key = users.user_key
    cross join horizons
    inner join as_of on customers.first_order_date <= as_of.as_of_date
),

counted as (
    select
        cohort_month,
        acquisition_channel_key,
        horizon_days,
        is_month_over,
        count(case when is_new then 1 end) as new_customers,
        count(case when is_new and is_old_enough then 1 end) as mature_customers,
        count(case when is_new and is_old_enough and is_repeating then 1 end) as repeat_customers,
        count(case when not is_new then 1 end) as truncated_customers
    from aged
    group by 1, 2, 3, 4
)

select
    {{ key_of(['cohort_month', 'acquisition_channel_key', 'horizon_days']) }} as repeat_rate_key,
    acquisition_channel_key,
    cast(horizon_days as bigint) as horizon_days,
    cast(new_customers as bigint) as new_customers,
    cast(mature_customers as bigint) as mature_customers,
    cast(case when mature_customers > 0 then repeat_customers end as bigint) as repeat_customers,
    {{ ratio('repeat_customers', 'mature_customers') }} as repeat_rate,
    cast(truncated_customers as bigint) as truncated_customers,
    is_month_over and new_customers > 0 and mature_customers = new_customers as is_mature,
    cohort_month as cohort_month_date
from counted
