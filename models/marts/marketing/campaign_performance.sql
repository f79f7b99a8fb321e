-- One row per month, channel and campaign: what it was shown, clicked and cost, and what the
-- headline model credits it with.
-- Campaigns without conversions and conversions without spend are in; what no campaign is known for
-- stands under `unknown` in its channel, so spend and credited money add up to all there is.
with as_of as (
    select as_of_date from {{ ref('dim_as_of') }} where metric_family = 'roi'
),

campaigns as (
    select * from {{ ref('dim_campaigns') }}
),

ads as (
    select
        {{ month_start('ads.date_day') }} as month_date,
        ads.channel_key,
        ads.campaign_key,
        sum(ads.impressions) as impressions,
        sum(ads.clicks) as clicks,
        sum(ads.spend) as spend
    from {{ ref('fct_ad_performance') }} as ads
    inner join as_of on ads.date_day <= as_of.as_of_date
    group by 1, 2, 3
),

credits as (
    select * from {{ ref('campaign_credits') }} where attribution_model = 'headline'
),

wanted as (
    select month_date, channel_key, campaign_key from ads
    union
    select month_date, channel_key, campaign_key from credits
),

joined as (
    select
        wanted.*,
        ads.impressions,
        ads.clicks,
        coalesce(ads.spend, 0) as spend,
        coalesce(credits.credited_registrations, 0) as credited_registrations,
        coalesce(credits.credited_new_customers, 0) as credited_new_customers,
        coalesce(credits.credited_first_orders, 0) as credited_first_orders,
        coalesce(credits.credited_orders, 0) as credited_orders,
        coalesce(credits.net_revenue_amount, 0) as net_revenue,
        case when credits.month_date is null then 0 else credits.margin_amount end as margin,
        coalesce(credits.costed_net_revenue_amount, 0) as costed_net_revenue
    from wanted
    left join ads
        on
            wanted.month_date = ads.month_date
            and wanted.channel_key = ads.channel_key
            and wanted.campaign_key = ads.campaign_key
    left join credits
        on
            wanted.month_date = credits.month_date
            and wanted.channel_key = credits.channel_key
            and wanted.campaign_key = credits.campaign_key
)

select
    {{ key_of([
        'joined.month_date', 'joined.channel_key', 'joined.campaign_key'
    ]) }} as campaign_performance_key,
    joined.channel_key,
    joined.campaign_key,
    campaigns.platform,
    campaigns.campaign_name,
    cast(joined.impressions as bigint) as impressions,
    cast(joined.clicks as bigint) as clicks,
    cast(joined.spend as decimal(18, 2)) as spend,
    {{ ratio('joined.clicks', 'joined.impressions') }} as click_rate,
    {{ ratio('joined.spend', 'joined.clicks') }} as cpc_amount,
    {{ ratio('1000 * joined.spend', 'joined.impressions') }} as cpm_amount,
    cast(joined.credited_registrations as decimal(18, 9)) as credited_registrations,
    cast(joined.credited_new_customers as decimal(18, 9)) as credited_new_customers,
    cast(joined.credited_first_orders as decimal(18, 9)) as credited_first_orders,
    cast(joined.credited_orders as decimal(18, 9)) as credited_orders,
    {{ ratio('joined.credited_orders', 'joined.clicks') }} as orders_per_click,
    case
        when joined.spend > 0 then {{ ratio('joined.spend', 'joined.credited_registrations') }}
    end as cost_per_registration_amount,
    case
        when joined.spend > 0 and joined.credited_first_orders <= joined.credited_new_customers
            then {{ ratio('joined.spend', 'joined.credited_new_customers') }}
    end as cac_amount,
    cast(joined.net_revenue as decimal(18, 2)) as net_revenue_amount,
    cast(joined.margin as decimal(18, 2)) as margin_amount,
    {{ ratio('joined.costed_net_revenue', 'joined.net_revenue') }} as cost_coverage_share,
    {{ ratio('joined.net_revenue', 'joined.spend') }} as roas,
    {{ ratio('(joined.margin - joined.spend)', 'joined.spend') }} as roi,
    coalesce(campaigns.is_advertised, false) as is_advertised,
    joined.month_date
from joined
left join campaigns on joined.campaign_key = campaigns.campaign_key
