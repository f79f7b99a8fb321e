-- Spend in = spend out, per month and channel and to the cent: in each marketing mart as often as
-- it tells it, campaigns and channels without a single conversion included.
with ads as (
    select
        families.metric_family,
        {{ month_start('facts.date_day') }} as month_date,
        facts.channel_key,
        sum(facts.spend) as spend
    from {{ ref('fct_ad_performance') }} as facts
    inner join (
        select 'roi' as metric_family, as_of_date
        from {{ ref('dim_as_of') }}
        where metric_family = 'roi'
        union all
        select 'seen', min(as_of_date)
        from {{ ref('dim_as_of') }}
        where metric_family in ('roi', 'activity')
    ) as families on facts.date_day <= families.as_of_date
    group by 1, 2, 3
),

told as (
    select
        'channel_roi' as mart,
        'roi' as metric_family,
        'all' as part,
        month_date,
        acquisition_channel_key as channel_key,
        spend
    from {{ ref('channel_roi') }}
    union all
    select
        'channel_cohorts',
        'roi',
        cast(horizon_days as varchar),
        month_date,
        acquisition_channel_key,
        spend
    from {{ ref('channel_cohorts') }}
    union all
    select 'channel_payback', 'roi', 'all', month_date, acquisition_channel_key, spend
    from {{ ref('channel_payback') }}
    union all
    select 'channel_roi_by_model', 'roi', attribution_model, month_date, channel_key, spend
    from {{ ref('channel_roi_by_model') }}
    union all
    select 'campaign_performance', 'roi', 'all', month_date, channel_key, spend
    from {{ ref('campaign_performance') }}
    union all
    select 'platform_claims', 'roi', 'all', month_date, channel_key, spend
    from {{ ref('platform_claims') }}
    union all
    select 'spend_coverage', 'seen', 'all', month_date, channel_key, spend
    from {{ ref('spend_coverage') }}
),

summed as (
    select mart, metric_family, part, month_date, channel_key, sum(spend) as spend
    from told
    group by 1, 2, 3, 4, 5
),

parts as (
    select 'channel_roi' as mart, 'roi' as metric_family, 'all' as part
    union all select 'channel_payback', 'roi', 'all'
    union all select 'campaign_performance', 'roi', 'all'
    union all select 'platform_claims', 'roi', 'all'
    union all select 'spend_coverage', 'seen', 'all'
    union all
    select 'channel_cohorts', 'roi', cast(horizon_days as varchar) from {{ ref('horizons') }}
    union all
    select 'channel_roi_by_model', 'roi', attribution_model from {{ ref('attribution_models') }}
    union all select 'channel_roi_by_model', 'roi', 'headline'
),

wanted as (
    select parts.mart, parts.part, ads.month_date, ads.channel_key, ads.spend
    from parts
    inner join ads on parts.metric_family = ads.metric_family
)

select
    coalesce(wanted.mart, summed.mart) as mart,
    coalesce(wanted.part, summed.part) as part,
    coalesce(wanted.month_date, summed.month_date) as month_date,
    coalesce(wanted.channel_key, summed.channel_key) as channel_key,
    wanted.spend as delivered_spend,
    summed.spend as told_spend
from wanted
full outer join summed
    on
        wanted.mart = summed.mart
        and wanted.part = summed.part
        and wanted.month_date = summed.month_date
        and wanted.channel_key = summed.channel_key
where coalesce(wanted.spend, 0) <> coalesce(summed.spend, 0)
