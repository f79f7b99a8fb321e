-- One row per month, acquisition channel and lifecycle stage: the customers in it when the month
-- began, that is on the day before.
-- user_lifecycle holds stretches of days; metrics need a day to stand on.
with stages as (
    select * from {{ ref('user_lifecycle') }}
),

users as (
    select * from {{ ref('dim_users') }}
),

months as (
    select distinct dim_dates.month_date
    from {{ ref('dim_dates') }} as dim_dates
    inner join {{ ref('dim_as_of') }} as as_of on dim_dates.date_day <= as_of.as_of_date
    where as_of.metric_family = 'orders'
),

counted as (
    select
        months.month_date,
        users.acquisition_channel_key,
        stages.lifecycle_stage,
        count(*) as customers
    from months
    inner join stages
        on
            months.month_date > stages.valid_from_date
            and (stages.valid_to_date is null or months.month_date <= stages.valid_to_date)
    inner join users on stages.user_key = users.user_key
    group by 1, 2, 3
)

select
    {{ key_of(['month_date', 'acquisition_channel_key', 'lifecycle_stage']) }}
        as customer_stage_key,
    acquisition_channel_key,
    lifecycle_stage,
    cast(customers as bigint) as customers,
    month_date
from counted
