-- The weeks of a channel hold what was spent on it and who was credited to it from the first day
-- of spend on, to the as-of day; whole weeks back from there, and none missing.
with as_of as (
    select as_of_date from {{ ref('dim_as_of') }} where metric_family = 'roi'
),

told as (
    select
        channel_key,
        sum(spend) as spend,
        sum(credited_customers) as customers,
        count(*) as weeks,
        max(week_end_date) as last_date,
        min(week_end_date) as first_date
    from {{ ref('response_weeks') }}
    group by 1
),

spent as (
    select ads.channel_key, sum(ads.spend) as spend
    from {{ ref('fct_ad_performance') }} as ads
    cross join as_of
    where ads.date_day <= as_of.as_of_date and ads.spend > 0
    group by 1
),

credited as (
    select attribution.channel_key, sum(attribution.credit_share) as customers
    from {{ ref('fct_attribution') }} as attribution
    inner join {{ ref('dim_users') }} as users on attribution.user_key = users.user_key
    cross join as_of
    where
        attribution.is_headline
        and attribution.conversion_type = 'first_order'
        and users.first_order_status = 'known'
        and attribution.conversion_date <= as_of.as_of_date
    group by 1
)

select
    spent.channel_key,
    told.spend,
    spent.spend as plain_spend,
    told.customers,
    credited.customers as plain_customers,
    told.weeks
from spent
left join told on spent.channel_key = told.channel_key
left join credited on spent.channel_key = credited.channel_key
cross join as_of
where
    told.spend is null
    or told.spend <> spent.spend
    -- credit of touches before the first day of spend has no week
    or told.customers > coalesce(credited.customers, 0) + 0.0001
    or told.last_date <> as_of.as_of_date
    or 7 * (told.weeks - 1) <> {{ days_between('told.first_date', 'told.last_date') }}
