-- One row per campaign, treatment arm and metric: what the people did who were written to, beside
-- those who were held out, and what the difference is, with its 95 % interval.
-- Everybody counts in the arm they were put into, reached or not. Without a control there is no
-- effect, nor where the arms are not as large as declared.
with campaigns as (
    select
        tested_key,
        channel_key,
        campaign_key,
        experiment_id,
        effect_source_type,
        campaign_name,
        count(case when is_contaminated then 1 end) as contaminated_people,
        count(case when started_date is null then 1 end) as undated_people,
        min(started_date) as started_date,
        max(started_date) as ended_date
    from {{ ref('int_campaign_members') }}
    group by 1, 2, 3, 4, 5, 6
),

judged as (
    select
        *,
        measure_type in ('purchased', 'not_purchased') as is_rate,
        case
            when sample_ratio_status = 'no_control' then 'descriptive'
            when sample_ratio_status = 'sample_ratio_mismatch' then 'sample_ratio_mismatch'
            when n = 0 or control_n = 0 then 'immature'
            when n < 10 or control_n < 10 then 'too_few_people'
            when n < 30 or control_n < 30 then 'indicative'
            else 'controlled'
        end as evidence_status
    from {{ ref('int_campaign_comparisons') }}
),

-- What nothing can be said of has no effect, with or without a number.
shown as (
    select
        judged.*,
        case when evidence_status in ('indicative', 'controlled') then 1 end as one
    from judged
),

bounded as (
    select
        *,
        case
            when is_rate then {{ newcombe_lower('sum_y', 'n', 'control_sum_y', 'control_n') }}
            else difference - {{ welch_margin('v', 'n', 'control_v', 'control_n') }}
        end as low,
        case
            when is_rate then {{ newcombe_upper('sum_y', 'n', 'control_sum_y', 'control_n') }}
            else difference + {{ welch_margin('v', 'n', 'control_v', 'control_n') }}
        end as high,
        {{ welch_margin('cuped_v', 'n', 'cuped_control_v', 'control_n') }} as cuped_margin
    from shown
)

select
    {{ key_of(['bounded.tested_key', 'arm', 'metric_name', 'from_day', 'to_day']) }}
        as campaign_effect_key,
    campaigns.campaign_key,
    campaigns.channel_key,
    campaigns.experiment_id,
    campaigns.effect_source_type,
    campaigns.campaign_name,
    bounded.arm,
    bounded.metric_name,
    bounded.sample_ratio_status,
    bounded.evidence_status,
    cast(bounded.from_day as bigint) as from_day,
    cast(bounded.to_day as bigint) as horizon_days,
    cast(bounded.arm_people as bigint) as people,
    cast(bounded.control_people as bigint) as control_people,
    cast(campaigns.contaminated_people as bigint) as contaminated_people,
    cast(campaigns.undated_people as bigint) as undated_people,
    cast(bounded.n as bigint) as measured_people,
    cast(bounded.control_n as bigint) as control_measured_people,
    cast(case when bounded.n > 0 then bounded.sum_y end as decimal(18, 2)) as outcome_total,
    cast(case when bounded.control_n > 0 then bounded.control_sum_y end as decimal(18, 2))
        as control_outcome_total,
    {{ ratio('sum_y', 'n') }} as outcome,
    {{ ratio('control_sum_y', 'control_n') }} as control_outcome,
    {{ to_ratio('one * difference') }} as effect,
    {{ to_ratio('one * low') }} as effect_low,
    {{ to_ratio('one * high') }} as effect_high,
    {{ to_ratio('one * difference * control_n / nullif(' ~ as_double('control_sum_y') ~ ', 0)') }}
        as relative_effect,
    {{ to_ratio('one * cuped_difference') }} as adjusted_effect,
    {{ to_ratio('one * (cuped_difference - cuped_margin)') }} as adjusted_effect_low,
    {{ to_ratio('one * (cuped_difference + cuped_margin)') }} as adjusted_effect_high,
    case
        when bounded.measure_type = 'margin'
            then {{ ratio('both_costed_revenue', 'both_net_revenue') }}
    end as cost_coverage_share,
    bounded.n = bounded.people and bounded.control_n = coalesce(bounded.control_metric_people, 0)
        as is_mature,
    campaigns.started_date,
    campaigns.ended_date
from bounded
inner join campaigns on bounded.tested_key = campaigns.tested_key
