-- All buy, and are active, in the month of their first purchase; rolling retention holds those of
-- the month and never grows with age; what is not complete says nothing.
with retention as (
    select
        *,
        lag(rolling_retained_customers) over (
            partition by cohort_month_date, acquisition_channel_key, retention_type
            order by age_months
        ) as rolling_before
    from {{ ref('user_retention') }}
)

select user_retention_key
from retention
where
    (age_months = 0 and retained_customers <> cohort_customers)
    or rolling_retained_customers < retained_customers
    or rolling_retained_customers > rolling_before
    or (is_complete and retention_rate is null)
    or (not is_complete and retained_customers is not null)
