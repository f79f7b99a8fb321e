-- Which channels bring customers who buy again, and what is one worth after 90 days?
with repeats as (
    select
        acquisition_channel_key,
        sum(mature_customers) as mature_customers,
        sum(repeat_customers) as repeat_customers
    from {{ ref('repeat_rate') }}
    where horizon_days = 90
    group by 1
),

values_90 as (
    select
        acquisition_channel_key,
        sum(net_revenue_amount) as net_revenue_amount
    from {{ ref('ltv_cohorts') }}
    where horizon_days = 90
    group by 1
)

select
    channels.channel_name,
    channels.channel_name_zh,
    repeats.mature_customers,
    {{ ratio('repeats.repeat_customers', 'repeats.mature_customers') }} as repeat_rate_90d,
    {{ ratio('values_90.net_revenue_amount', 'repeats.mature_customers') }} as ltv_90d_amount
from repeats
inner join values_90 on repeats.acquisition_channel_key = values_90.acquisition_channel_key
inner join {{ ref('dim_channels') }} as channels on repeats.acquisition_channel_key = channels.channel_key
order by ltv_90d_amount desc nulls last
