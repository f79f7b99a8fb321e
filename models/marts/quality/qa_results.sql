-- One row per statistical check and what it was made of: a finding to read, never a failure.
-- Money, rows and keys that are wrong stop a build; that a forecast is off, or a curve not to be
-- believed, is told here. Of forecasts the latest day that could be checked counts.
with as_of as (
    select as_of_date from {{ ref('dim_as_of') }} where metric_family = 'orders'
),

backtests as (
    select
        *,
        row_number() over (
            partition by score_name, horizon_days order by origin_date desc
        ) as age_no
    from {{ ref('ltv_backtest') }}
    where cohort_type = 'all' and backtest_status = 'predicted'
),

checks as (
    select
        'ltv_bias' as check_name,
        score_name || ', ' || horizon_days || ' days' as subject_name,
        abs(revenue_bias) as measured,
        0.2 as highest,
        cast(null as decimal(18, 6)) as lowest
    from backtests
    where age_no = 1
    union all
    select 'score_calibration', score_name, max(expected_calibration_error), 0.03, null
    from {{ ref('score_calibration') }}
    group by score_name
    union all
    select 'spend_covered_by_lift_tests', attribution_model, covered_spend_share, null, 0.5
    from {{ ref('calibration_coverage') }}
    where attribution_model = 'data_driven'
    union all
    select
        'spend_without_touches',
        'all',
        {{ ratio(
            "sum(case when finding = 'spend_without_touches' then spend end)", 'sum(spend)'
        ) }},
        0.05,
        null
    from {{ ref('spend_coverage') }}
    having sum(spend) > 0
    union all
    select
        'sample_ratio',
        campaign_name || ', ' || arm,
        max(case when sample_ratio_status = 'sample_ratio_mismatch' then 1 else 0 end),
        0,
        null
    from {{ ref('campaign_effects') }}
    where sample_ratio_status in ('as_declared', 'sample_ratio_mismatch')
    group by campaign_name, arm
    union all
    select
        'parallel_trends',
        change_name || ', ' || outcome_name,
        case when evidence_status = 'not_parallel' then 1 else 0 end,
        0,
        null
    from {{ ref('strategy_effects') }}
    where evidence_status in ('not_parallel', 'indicative', 'causal')
    union all
    select
        'budget_curve',
        channel_key,
        case when recommendation_status = 'recommended' then 0 else 1 end,
        0,
        null
    from {{ ref('budget_recommendations') }}
    where recommendation_status <> 'no_spend'
)

select
    {{ key_of(['checks.check_name', 'checks.subject_name']) }} as qa_result_key,
    checks.check_name,
    checks.subject_name,
    case
        when checks.measured is null then 'unknown'
        when checks.measured > checks.highest or checks.measured < checks.lowest then 'warning'
        else 'fine'
    end as finding_status,
    cast(checks.measured as decimal(18, 6)) as measured_value,
    cast(coalesce(checks.highest, checks.lowest) as decimal(18, 6)) as limit_value,
    as_of.as_of_date
from checks
cross join as_of
