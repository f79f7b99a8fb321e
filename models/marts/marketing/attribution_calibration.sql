-- One row per lift test's result and attribution model: what the test says was caused beside what
-- the model credits for the same days, and the two blended by their precision.
-- Empty without tests. How much of the spend they speak for stands in calibration_coverage.
with results as (
    select * from {{ ref('int_experiment_results') }}
),

models as (
    select * from {{ ref('attribution_models') }}
),

credits as (
    select
        results.result_key,
        attribution.attribution_model,
        sum(attribution.credit_share) as credited_conversions
    from results
    inner join {{ ref('int_lift_tests') }} as tested on results.result_key = tested.result_key
    inner join {{ ref('fct_attribution') }} as attribution
        on
            results.channel_key = attribution.channel_key
            and tested.campaign_key = attribution.campaign_key
            and attribution.conversion_date >= results.started_date
            and attribution.conversion_date <= results.compared_until_date
            and (
                results.conversion_type = attribution.conversion_type
                or results.conversion_type = 'order'
                and attribution.conversion_type <> 'registration'
            )
    group by 1, 2
),

compared as (
    select
        results.*,
        models.attribution_model,
        case
            when results.conversion_type = 'other' then 'unknown_metric'
            when
                results.conversion_type in ('order', 'repeat_order')
                and not models.is_for_repeat_orders
                then 'not_credited_by_model'
            when results.standard_error is null then 'no_standard_error'
            when coalesce(credits.credited_conversions, 0) = 0 then 'nothing_credited'
            else 'compared'
        end as calibration_status,
        coalesce(credits.credited_conversions, 0) as credited
    from results
    cross join models
    left join credits
        on
            results.result_key = credits.result_key
            and models.attribution_model = credits.attribution_model
),

-- The model's own standard deviation is taken as half of its estimate.
weighed as (
    select
        *,
        case
            when calibration_status = 'compared'
                then {{ ratio(
                    '0.25 * credited * credited',
                    '(0.25 * credited * credited + standard_error * standard_error)'
                ) }}
        end as test_weight
    from compared
)

select
    {{ key_of(['result_key', 'attribution_model']) }} as attribution_calibration_key,
    channel_key,
    experiment_id,
    attribution_model,
    conversion_type,
    coalesce(platform, 'all') as platform,
    coalesce(campaign_id, 'all') as campaign_id,
    calibration_status,
    period_days,
    compared_days,
    tested_spend_amount,
    incremental_conversions,
    standard_error,
    cast(
        case
            when calibration_status not in ('unknown_metric', 'not_credited_by_model')
                then credited
        end as decimal(18, 9)
    ) as credited_conversions,
    test_weight,
    {{ ratio(
        'test_weight * incremental_conversions + (1 - test_weight) * credited', '1'
    ) }} as calibrated_conversions,
    {{ ratio(
        'sqrt(' ~ as_double('test_weight') ~ ') * ' ~ as_double('standard_error'), '1'
    ) }} as calibrated_standard_error,
    {{ ratio('incremental_conversions', 'credited') }} as caused_per_credited,
    started_date,
    ended_date,
    compared_until_date
from weighed
