-- Claims are those of the ad reports, none lost and none added; and orders divided among the
-- campaigns that touched them come to the orders that any campaign touched.
with ads as (
    select
        sum(facts.conversions) as conversions,
        sum(facts.event_day_conversions) as event_day_conversions,
        sum(facts.conversions_value) as conversions_value
    from {{ ref('fct_ad_performance') }} as facts
    inner join {{ ref('dim_as_of') }} as as_of
        on as_of.metric_family = 'roi' and facts.date_day <= as_of.as_of_date
),

touched as (
    select count(*) as orders
    from {{ ref('int_purchases') }} as purchases
    inner join {{ ref('dim_as_of') }} as as_of
        on as_of.metric_family = 'roi' and purchases.purchase_date <= as_of.as_of_date
    where
        exists (
            select 1
            from {{ ref('fct_touchpoints') }} as touchpoints
            inner join {{ ref('dim_campaigns') }} as campaigns
                on touchpoints.campaign_key = campaigns.campaign_key
            inner join {{ ref('dim_channels') }} as channels
                on touchpoints.channel_key = channels.channel_key
            where
                purchases.user_key = touchpoints.user_key
                and campaigns.is_advertised
                and purchases.purchased_at >= touchpoints.touched_at
                and {{ seconds_between('touchpoints.touched_at', 'purchases.purchased_at') }}
                < 86400 * coalesce(channels.lookback_days, 30)
        )
),

told as (
    select
        sum(claimed_conversions) as conversions,
        sum(claimed_event_day_conversions) as event_day_conversions,
        sum(claimed_amount) as conversions_value,
        sum(deduplicated_orders) as orders
    from {{ ref('platform_claims') }}
)

select
    told.*,
    ads.conversions as delivered_conversions,
    ads.conversions_value as delivered_value,
    touched.orders as touched_orders
from told
cross join ads
cross join touched
where
    coalesce(told.conversions, 0) <> coalesce(ads.conversions, 0)
    or coalesce(told.event_day_conversions, 0) <> coalesce(ads.event_day_conversions, 0)
    or coalesce(told.conversions_value, 0) <> coalesce(ads.conversions_value, 0)
    or coalesce(told.orders, 0) <> touched.orders
