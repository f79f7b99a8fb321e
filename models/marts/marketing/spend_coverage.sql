-- One row per month, channel and campaign with spend or paid touches, and whether the two meet.
-- Spend without touches means links that tell no campaign or people nobody sees; touches without
-- spend mean an export that is missing; an unmatched name waits for seeds/campaign_aliases.csv.
with as_of as (
    select min(as_of_date) as as_of_date
    from {{ ref('dim_as_of') }}
    where metric_family in ('roi', 'activity')
),

campaigns as (
    select * from {{ ref('dim_campaigns') }}
),

channels as (
    select * from {{ ref('dim_channels') }}
),

ads as (
    select
        {{ month_start('ads.date_day') }} as month_date,
        ads.channel_key,
        ads.campaign_key,
        sum(ads.clicks) as clicks,
        sum(ads.spend) as spend
    from {{ ref('fct_ad_performance') }} as ads
    inner join as_of on ads.date_day <= as_of.as_of_date
    group by 1, 2, 3
),

touches as (
    select
        {{ month_start('touchpoints.touch_date') }} as month_date,
        touchpoints.channel_key,
        touchpoints.campaign_key,
        count(*) as touch_count,
        count(distinct touchpoints.user_key) as people
    from {{ ref('fct_touchpoints') }} as touchpoints
    inner join as_of on touchpoints.touch_date <= as_of.as_of_date
    inner join channels on touchpoints.channel_key = channels.channel_key
    where channels.is_paid
    group by 1, 2, 3
),

wanted as (
    select month_date, channel_key, campaign_key from ads
    union
    select month_date, channel_key, campaign_key from touches
),

joined as (
    select
        wanted.*,
        campaigns.platform,
        campaigns.campaign_name,
        coalesce(ads.clicks, 0) as clicks,
        coalesce(touches.touch_count, 0) as touch_count,
        coalesce(touches.people, 0) as people,
        coalesce(ads.spend, 0) as spend
    from wanted
    left join campaigns on wanted.campaign_key = campaigns.campaign_key
    left join ads
        on
            wanted.month_date = ads.month_date
            and wanted.channel_key = ads.channel_key
            and wanted.campaign_key = ads.campaign_key
    left join touches
        on
            wanted.month_date = touches.month_date
            and wanted.channel_key = touches.channel_key
            and wanted.campaign_key = touches.campaign_key
)

select
    {{ key_of(['month_date', 'channel_key', 'campaign_key']) }} as spend_coverage_key,
    channel_key,
    campaign_key,
    coalesce(platform, 'unknown') as platform,
    coalesce(campaign_name, 'Unknown') as campaign_name,
    case
        when spend <> 0 and touch_count > 0 then 'matched'
        when spend <> 0 then 'spend_without_touches'
        when touch_count = 0 then 'neither'
        when platform = 'unmatched' then 'unmatched_campaign'
        when coalesce(platform, 'unknown') = 'unknown' then 'touches_without_campaign'
        else 'touches_without_spend'
    end as finding,
    cast(clicks as bigint) as clicks,
    cast(touch_count as bigint) as touch_count,
    cast(people as bigint) as touched_people,
    cast(spend as decimal(18, 2)) as spend,
    {{ ratio('touch_count', 'clicks') }} as touches_per_click,
    month_date
from joined
