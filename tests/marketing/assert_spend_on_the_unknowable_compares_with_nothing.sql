-- Where somebody who may not have been new first bought in a month and channel, no ratio of new
-- customers to that month's spend is told; where nobody did, those that can be are.
with truncated as (
    select
        {{ month_start('users.first_order_date') }} as month_date,
        users.acquisition_channel_key,
        count(*) as customers
    from {{ ref('dim_users') }} as users
    inner join {{ ref('dim_as_of') }} as as_of
        on as_of.metric_family = 'roi' and users.first_order_date <= as_of.as_of_date
    where users.first_order_status = 'truncated'
    group by 1, 2
)

select roi.*, truncated.customers as plain_truncated_customers
from {{ ref('channel_roi') }} as roi
left join truncated
    on
        roi.month_date = truncated.month_date
        and roi.acquisition_channel_key = truncated.acquisition_channel_key
where
    roi.truncated_customers <> coalesce(truncated.customers, 0)
    or case
        when truncated.customers > 0
            then
                coalesce(
                    roi.cash_cac_amount, roi.cohort_7_roas, roi.cohort_30_roas, roi.cohort_90_roi,
                    roi.cohort_180_roi, roi.cohort_365_roas
                ) is not null
        else
            roi.spend > 0
            and (
                (roi.cash_new_customers > 0 and roi.cash_cac_amount is null)
                or (roi.is_mature_90 and roi.cohort_90_roas is null)
            )
    end
