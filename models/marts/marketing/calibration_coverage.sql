-- One row per attribution model: how much of the last year's spend lift tests speak for.
-- A test speaks for what it tested for a year after it ended, if it weighs at least as much as the
-- model. Running tests count too; the headline of a month waits for those that ended before it.
with calibration as (
    select * from {{ ref('attribution_calibration') }}
),

campaigns as (
    select * from {{ ref('dim_campaigns') }}
),

as_of as (
    select as_of_date, {{ add_days('as_of_date', -365) }} as year_ago_date
    from {{ ref('dim_as_of') }}
    where metric_family = 'roi'
),

spends as (
    select ads.channel_key, ads.campaign_key, sum(ads.spend) as spend
    from {{ ref('fct_ad_performance') }} as ads
    inner join as_of
        on ads.date_day <= as_of.as_of_date and ads.date_day > as_of.year_ago_date
    group by 1, 2
),

covering as (
    select distinct
        calibration.attribution_model,
        calibration.channel_key,
        campaigns.campaign_key
    from calibration
    inner join as_of on calibration.compared_until_date > as_of.year_ago_date
    inner join campaigns
        on
            calibration.platform in (campaigns.platform, 'all')
            and calibration.campaign_id in (campaigns.campaign_id, 'all')
    where calibration.test_weight >= 0.5
),

covered as (
    select
        models.attribution_model,
        sum(spends.spend) as spend,
        sum(case when covering.campaign_key is not null then spends.spend else 0 end) as covered
    from spends
    cross join {{ ref('attribution_models') }} as models
    left join covering
        on
            models.attribution_model = covering.attribution_model
            and spends.channel_key = covering.channel_key
            and spends.campaign_key = covering.campaign_key
    group by 1
),

headlines as (
    select attribution_model, row_number() over (order by month_date desc) as age_no
    from {{ ref('int_headlines') }}
    where conversion_type = 'first_order'
)

select
    covered.attribution_model,
    cast(covered.spend as decimal(18, 2)) as spend,
    cast(covered.covered as decimal(18, 2)) as covered_spend_amount,
    {{ ratio('covered.covered', 'covered.spend') }} as covered_spend_share,
    headlines.attribution_model is not null as is_headline,
    covered.spend > 0 and 2 * covered.covered >= covered.spend as is_covering_half
from covered
left join headlines
    on covered.attribution_model = headlines.attribution_model and headlines.age_no = 1
