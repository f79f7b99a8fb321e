-- One row per type of conversion and month: the attribution model that reports show for it.
-- The seed's headline, until lift tests speak for half of the spend: then `data_driven`, for
-- registrations and first orders. A month is judged by the tests that ended, and the money spent,
-- in the twelve months before it, so what is learned later never moves a closed month.
with headlines as (
    select * from {{ ref('attribution_models') }} where is_headline
),

campaigns as (
    select * from {{ ref('int_campaigns') }}
),

months as (
    select distinct
        conversion_type,
        {{ month_start('conversion_date') }} as month_date,
        {{ add_months(month_start('conversion_date'), -12) }} as year_ago_date
    from {{ ref('int_conversions') }}
),

spends as (
    select
        campaigns.channel_key,
        campaigns.campaign_key,
        {{ month_start('ads.stat_date') }} as spend_month_date,
        sum(ads.spend_amount) as spend
    from {{ ref('int_ad_performance') }} as ads
    inner join campaigns
        on {{ key_of(['ads.platform', 'ads.campaign_id']) }} = campaigns.campaign_key
    where ads.row_status = 'accepted'
    group by 1, 2, 3
),

tests as (
    select * from {{ ref('int_lift_tests') }} where is_speaking
),

covered as (
    select distinct
        months.conversion_type,
        months.month_date,
        tests.channel_key,
        tests.campaign_key
    from months
    inner join tests
        on
            months.conversion_type = tests.conversion_type
            and tests.ended_date >= months.year_ago_date
            and tests.ended_date < months.month_date
),

summed as (
    select
        months.conversion_type,
        months.month_date,
        coalesce(sum(spends.spend), 0) as spend,
        coalesce(
            sum(case when covered.campaign_key is not null then spends.spend end), 0
        ) as covered_spend
    from months
    left join spends
        on
            spends.spend_month_date >= months.year_ago_date
            and spends.spend_month_date < months.month_date
    left join covered
        on
            months.conversion_type = covered.conversion_type
            and months.month_date = covered.month_date
            and spends.channel_key = covered.channel_key
            and spends.campaign_key = covered.campaign_key
    group by 1, 2
)

select
    summed.conversion_type,
    case
        when summed.covered_spend > 0 and 2 * summed.covered_spend >= summed.spend
            then 'data_driven'
        else headlines.attribution_model
    end as attribution_model,
    {{ ratio('summed.covered_spend', 'summed.spend') }} as covered_spend_share,
    summed.month_date
from summed
cross join headlines
