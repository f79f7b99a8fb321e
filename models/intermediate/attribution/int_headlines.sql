-- One row per type of conversion and month: the attribution model that reports show for it.
-- The seed's headline, until lift tests speak for half of the spend: then `data_driven`, for
-- registrations and first orders. A month is judged by the tests that ended, and the money spent, in
-- the twelve months before it, so what is learned later never moves a closed month. A test speaks
-- for its campaigns when it weighs at least as much as the model: the error is at most half of the
-- credit.
with headlines as (
    select * from {{ ref('attribution_models') }} where is_headline
),

conversions as (
    select * from {{ ref('int_conversions') }}
),

campaigns as (
    select * from {{ ref('int_campaigns') }}
),

months as (
    select distinct
        conversion_type,
        {{ month_start('conversion_date') }} as month_date,
        {{ add_months(month_start('conversion_date'), -12) }} as year_ago_date
    from conversions
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

tested as (
    select
        results.result_key,
        results.conversion_type,
        results.channel_key,
        campaigns.campaign_key,
        results.standard_error,
        results.started_date,
        results.ended_date
    from {{ ref('int_experiment_results') }} as results
    inner join campaigns
        on
            coalesce(results.platform, campaigns.platform) = campaigns.platform
            and coalesce(results.campaign_id, campaigns.campaign_id) = campaigns.campaign_id
    where results.standard_error is not null
),

shares as (
    select
        conversions.conversion_type,
        conversions.conversion_date,
        weights.channel_key,
        weights.campaign_key,
        weights.data_driven_weight / sum(weights.data_driven_weight) over (
            partition by weights.conversion_key
        ) as credit_share
    from {{ ref('int_journey_weights') }} as weights
    inner join conversions on weights.conversion_key = conversions.conversion_key
    where conversions.conversion_type <> 'repeat_order'
),

speaking as (
    select tested.result_key
    from tested
    inner join shares
        on
            tested.conversion_type = shares.conversion_type
            and tested.channel_key = shares.channel_key
            and tested.campaign_key = shares.campaign_key
            and shares.conversion_date >= tested.started_date
            and shares.conversion_date <= tested.ended_date
    group by tested.result_key, tested.standard_error
    having sum(shares.credit_share) >= 2 * tested.standard_error
),

covered as (
    select distinct
        months.conversion_type,
        months.month_date,
        tested.channel_key,
        tested.campaign_key
    from months
    inner join tested
        on
            months.conversion_type = tested.conversion_type
            and tested.ended_date >= months.year_ago_date
            and tested.ended_date < months.month_date
    inner join speaking on tested.result_key = speaking.result_key
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
