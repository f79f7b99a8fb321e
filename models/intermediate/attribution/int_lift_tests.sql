-- One row per result of a lift test and campaign it tested, and whether it speaks for it.
-- It does when it weighs at least as much as `data_driven`: when its standard error is at most half
-- of what the model credits to all its campaigns in its days.
with conversions as (
    select * from {{ ref('int_conversions') }} where conversion_type <> 'repeat_order'
),

-- A touch of a channel that names no campaign is the channel's all the same.
campaigns as (
    select campaign_key, platform, campaign_id from {{ ref('int_campaigns') }}
    union all
    select 'unknown', 'unknown', 'unknown'
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
),

credits as (
    select tested.result_key, sum(shares.credit_share) as credited_conversions
    from tested
    inner join shares
        on
            tested.conversion_type = shares.conversion_type
            and tested.channel_key = shares.channel_key
            and tested.campaign_key = shares.campaign_key
            and shares.conversion_date >= tested.started_date
            and shares.conversion_date <= tested.ended_date
    group by 1
)

select
    {{ key_of(['tested.result_key', 'tested.campaign_key']) }} as lift_test_key,
    tested.result_key,
    tested.channel_key,
    tested.campaign_key,
    tested.conversion_type,
    coalesce(credits.credited_conversions >= 2 * tested.standard_error, false) as is_speaking,
    tested.started_date,
    tested.ended_date
from tested
left join credits on tested.result_key = credits.result_key
