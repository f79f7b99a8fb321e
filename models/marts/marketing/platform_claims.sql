-- One row per month, platform and campaign: what the platform claims beside what was observed.
-- Claims stand in the month of the ad's day and overlap between platforms: each claims an order
-- whose buyer it touched. deduplicated_orders divides such an order among the campaigns that did,
-- so that it adds up to orders.
with as_of as (
    select as_of_date from {{ ref('dim_as_of') }} where metric_family = 'roi'
),

campaigns as (
    select * from {{ ref('dim_campaigns') }} where is_advertised
),

claims as (
    select
        {{ month_start('ads.date_day') }} as month_date,
        ads.campaign_key,
        sum(ads.spend) as spend,
        sum(ads.conversions) as conversions,
        sum(ads.event_day_conversions) as event_day_conversions,
        sum(ads.conversions_value) as conversions_value
    from {{ ref('fct_ad_performance') }} as ads
    inner join as_of on ads.date_day <= as_of.as_of_date
    group by 1, 2
),

credits as (
    select
        credits.month_date,
        credits.campaign_key,
        sum(credits.credited_orders) as orders,
        sum(credits.net_revenue_amount) as net_revenue
    from {{ ref('campaign_credits') }} as credits
    inner join campaigns on credits.campaign_key = campaigns.campaign_key
    where credits.attribution_model = 'headline' and credits.credited_orders <> 0
    group by 1, 2
),

touches as (
    select distinct
        purchases.purchase_key,
        {{ month_start('purchases.purchase_date') }} as month_date,
        purchases.net_revenue_amount,
        campaigns.platform,
        campaigns.campaign_key,
        dense_rank() over (partition by purchases.purchase_key order by campaigns.campaign_key)
            as campaign_no
    from {{ ref('int_purchases') }} as purchases
    inner join as_of on purchases.purchase_date <= as_of.as_of_date
    inner join {{ ref('fct_touchpoints') }} as touchpoints
        on purchases.user_key = touchpoints.user_key
    inner join campaigns on touchpoints.campaign_key = campaigns.campaign_key
    inner join {{ ref('dim_channels') }} as channels
        on touchpoints.channel_key = channels.channel_key
    where
        touchpoints.touched_at <= purchases.purchased_at
        and {{ seconds_between('touchpoints.touched_at', 'purchases.purchased_at') }}
        < {{ lookback_seconds() }}
),

sides as (
    select
        purchase_key,
        count(distinct platform) as platform_count,
        count(*) as campaign_count
    from touches
    group by 1
),

observed as (
    select
        touches.month_date,
        touches.campaign_key,
        count(*) as orders,
        count(case when sides.platform_count > 1 then 1 end) as shared_orders,
        sum(
            {{ ratio('touches.campaign_no', 'sides.campaign_count') }}
            - {{ ratio('touches.campaign_no - 1', 'sides.campaign_count') }}
        ) as deduplicated_orders,
        sum(touches.net_revenue_amount) as net_revenue
    from touches
    inner join sides on touches.purchase_key = sides.purchase_key
    group by 1, 2
),

wanted as (
    select month_date, campaign_key from claims
    union
    select month_date, campaign_key from credits
    union
    select month_date, campaign_key from observed
)

select
    {{ key_of(['wanted.month_date', 'wanted.campaign_key']) }} as platform_claim_key,
    campaigns.channel_key,
    wanted.campaign_key,
    campaigns.platform,
    cast(coalesce(claims.spend, 0) as decimal(18, 2)) as spend,
    cast(claims.conversions as decimal(18, 4)) as claimed_conversions,
    cast(claims.event_day_conversions as decimal(18, 4)) as claimed_event_day_conversions,
    cast(coalesce(credits.orders, 0) as decimal(18, 9)) as credited_orders,
    cast(coalesce(observed.orders, 0) as bigint) as touched_orders,
    cast(coalesce(observed.shared_orders, 0) as bigint) as shared_orders,
    cast(coalesce(observed.deduplicated_orders, 0) as decimal(18, 6)) as deduplicated_orders,
    cast(claims.conversions_value as decimal(18, 2)) as claimed_amount,
    cast(coalesce(credits.net_revenue, 0) as decimal(18, 2)) as credited_net_revenue_amount,
    cast(coalesce(observed.net_revenue, 0) as decimal(18, 2)) as touched_net_revenue_amount,
    {{ ratio('claims.conversions', 'credits.orders') }} as claimed_per_credited_order,
    {{ ratio('observed.shared_orders', 'observed.orders') }} as shared_order_share,
    {{ ratio('claims.conversions_value', 'claims.spend') }} as claimed_roas,
    {{ ratio('coalesce(credits.net_revenue, 0)', 'claims.spend') }} as credited_roas,
    wanted.month_date
from wanted
inner join campaigns on wanted.campaign_key = campaigns.campaign_key
left join claims
    on wanted.month_date = claims.month_date and wanted.campaign_key = claims.campaign_key
left join credits
    on wanted.month_date = credits.month_date and wanted.campaign_key = credits.campaign_key
left join observed
    on wanted.month_date = observed.month_date and wanted.campaign_key = observed.campaign_key
