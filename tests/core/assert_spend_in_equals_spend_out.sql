-- Spend in = spend out: every accepted ad row is in fct_ad_performance, and what ends by the as-of
-- day is in channel_roi, campaigns without conversions included.
with ads as (
    select
        sum(spend_amount) as spend
    from {{ ref('int_ad_performance') }}
    where row_status = 'accepted'
),

facts as (
    select sum(spend) as spend from {{ ref('fct_ad_performance') }}
),

facts_until_as_of as (
    select sum(facts.spend) as spend
    from {{ ref('fct_ad_performance') }} as facts
    inner join {{ ref('dim_as_of') }} as as_of
        on
            as_of.metric_family = 'roi'
            and facts.date_day <= as_of.as_of_date
),

roi as (
    select sum(spend) as spend from {{ ref('channel_roi') }}
)

select
    ads.spend as ads_spend,
    facts.spend as facts_spend,
    facts_until_as_of.spend as until_as_of_spend,
    roi.spend as roi_spend
from ads
cross join facts
cross join facts_until_as_of
cross join roi
where
    coalesce(ads.spend, 0) <> coalesce(facts.spend, 0)
    or coalesce(facts_until_as_of.spend, 0) <> coalesce(roi.spend, 0)
