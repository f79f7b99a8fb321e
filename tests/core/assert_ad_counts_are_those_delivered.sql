-- Impressions, clicks and claims of each platform are those of its report: columns of all platforms
-- are joined by their place, where one that is out of place would be another figure.
with delivered as (
    select
        'google_ads' as platform,
        impression_count,
        click_count,
        conversion_count
    from {{ ref('stg_google_ads__campaign_stats') }}
    union all
    select 'meta_ads', impression_count, click_count, null from {{ ref('stg_meta_ads__basic_ad') }}
    union all
    select 'ocean_engine', impression_count, click_count, conversion_count
    from {{ ref('stg_ocean_engine__report') }}
    union all
    select 'tencent_ads', impression_count, click_count, conversion_count
    from {{ ref('stg_tencent_ads__daily_reports') }}
),

reported as (
    select
        platform,
        sum(impression_count) as impressions,
        sum(click_count) as clicks,
        sum(conversion_count) as conversions
    from delivered
    group by 1
),

held as (
    select
        platform,
        sum(impression_count) as impressions,
        sum(click_count) as clicks,
        sum(conversion_count) as conversions
    from {{ ref('int_ad_performance') }}
    group by 1
)

select reported.platform
from reported
left join held on reported.platform = held.platform
where
    coalesce(reported.impressions, 0) <> coalesce(held.impressions, 0)
    or coalesce(reported.clicks, 0) <> coalesce(held.clicks, 0)
    or (
        reported.platform <> 'meta_ads'
        and coalesce(reported.conversions, 0) <> coalesce(held.conversions, 0)
    )
