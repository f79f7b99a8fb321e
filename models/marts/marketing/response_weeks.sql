-- One row per channel that was ever spent on and week up to the as-of day: what was spent, the new
-- customers that the headline model credits, and the demand of the week.
-- Credit stands on the day of the channel's last touch, when spend did its work, so weeks are
-- fitted when every touch of them is forgotten. Demand is told by new customers of channels that
-- nobody pays for: a channel's own spend does not move it.
with as_of as (select as_of_date from {{ ref('dim_as_of') }} where metric_family = 'roi'),

users as (select * from {{ ref('dim_users') }}),

channels as (select * from {{ ref('dim_channels') }}),

ads as (
    select ads.channel_key, ads.date_day, ads.spend, as_of.as_of_date
    from {{ ref('fct_ad_performance') }} as ads
    inner join as_of on ads.date_day <= as_of.as_of_date
    where ads.spend > 0
),

-- Adstock needs four weeks of spend before it; newness its own time.
limits as (
    select
        as_of.as_of_date,
        min(ads.date_day) as first_spend_date,
        greatest(
            {{ add_days('min(ads.date_day)', 28) }},
            (
                select {{ add_days('min(users.first_order_date)', var('newness_lookback_days')) }}
                from users
            )
        ) as from_date,
        {{ add_days(
            'as_of.as_of_date', '-(select coalesce(max(lookback_days), 30) from channels)'
        ) }} as to_date
    from ads
    inner join as_of on ads.as_of_date = as_of.as_of_date
    group by 1
),

weeks as (
    select
        {{ weeks_before('dates.date_day', 'limits.as_of_date') }} as week_no,
        min(
            case when dates.date_day between limits.from_date and limits.to_date then 1 else 0 end
        ) as is_known,
        max(dates.date_day) as week_end_date
    from limits
    inner join {{ ref('dim_dates') }} as dates
        on dates.date_day >= limits.first_spend_date and dates.date_day <= limits.as_of_date
    group by 1
),

spends as (
    select
        channel_key,
        {{ weeks_before('date_day', 'as_of_date') }} as week_no,
        sum(spend) as spend
    from ads
    group by 1, 2
),

touches as (
    select conversion_key, channel_key, max(touched_at) as touched_at
    from {{ ref('int_journey_touches') }}
    where conversion_type = 'first_order'
    group by 1, 2
),

credits as (
    select
        attribution.channel_key,
        attribution.credit_share,
        users.first_order_status = 'known' as is_new,
        {{ weeks_before(
            'coalesce(' ~ business_date('touches.touched_at') ~ ', attribution.conversion_date)',
            'as_of.as_of_date'
        ) }} as week_no
    from {{ ref('fct_attribution') }} as attribution
    inner join users on attribution.user_key = users.user_key
    inner join as_of on attribution.conversion_date <= as_of.as_of_date
    left join touches
        on
            attribution.conversion_key = touches.conversion_key
            and attribution.channel_key = touches.channel_key
    where attribution.is_headline and attribution.conversion_type = 'first_order'
),

credited as (
    select
        channel_key,
        week_no,
        sum(case when is_new then credit_share else 0 end) as customers,
        sum(case when is_new then 0 else 1 end) as truncated_customers
    from credits
    group by 1, 2
),

unpaid as (
    select credited.week_no, sum(credited.customers) as customers
    from credited
    inner join channels on credited.channel_key = channels.channel_key
    where not channels.is_paid
    group by 1
)

select
    {{ key_of(['spent.channel_key', 'weeks.week_end_date']) }} as response_week_key,
    spent.channel_key,
    cast(coalesce(spends.spend, 0) as decimal(18, 2)) as spend,
    cast(coalesce(credited.customers, 0) as decimal(18, 6)) as credited_customers,
    cast(coalesce(credited.truncated_customers, 0) as bigint) as truncated_customers,
    cast(coalesce(unpaid.customers, 0) as decimal(18, 6)) as unpaid_customers,
    weeks.is_known = 1
    and weeks.week_no < {{ var('budget_weeks') }}
    and coalesce(credited.truncated_customers, 0) = 0 as is_fitted,
    weeks.week_end_date
from weeks
cross join (select distinct channel_key from ads) as spent
left join spends on spent.channel_key = spends.channel_key and weeks.week_no = spends.week_no
left join credited on spent.channel_key = credited.channel_key and weeks.week_no = credited.week_no
left join unpaid on weeks.week_no = unpaid.week_no
