-- Where all customers of a cohort are old enough for two horizons, the longer one is worth no less:
-- an order that counts has no negative revenue.
select
    longer.ltv_cohort_key,
    shorter.net_revenue_amount as shorter_amount,
    longer.net_revenue_amount
from {{ ref('ltv_cohorts') }} as longer
inner join {{ ref('ltv_cohorts') }} as shorter
    on
        longer.cohort_month_date = shorter.cohort_month_date
        and longer.acquisition_channel_key = shorter.acquisition_channel_key
        and longer.horizon_days > shorter.horizon_days
where
    longer.is_mature
    and (
        not shorter.is_mature
        or longer.net_revenue_amount < shorter.net_revenue_amount
    )
    and not exists (
        select 1 from {{ ref('fct_orders') }} as orders
        where orders.is_valid and orders.net_revenue_amount < 0
    )
