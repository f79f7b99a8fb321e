-- Of the same customers, more days never bring fewer orders: counted for people old enough for 365
-- days.
with shorter as (
    select
        acquisition_channel_key,
        cohort_month_date,
        horizon_days,
        mature_customers
    from {{ ref('ltv_cohorts') }}
)

select shorter.*
from shorter
inner join shorter as longer
    on
        shorter.acquisition_channel_key = longer.acquisition_channel_key
        and shorter.cohort_month_date = longer.cohort_month_date
        and shorter.horizon_days < longer.horizon_days
where shorter.mature_customers < longer.mature_customers
