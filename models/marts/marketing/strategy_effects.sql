-- One row per change of strategy and outcome: how much more the treated units changed than the
-- control units, per unit and day (difference in differences).
-- The same is asked of a date on which nothing happened, and of the trends before the change.
-- Without a control there is a before and an after, and no effect.
with changes as (
    select * from {{ ref('strategy_changes') }}
),

measures as (
    select * from {{ ref('int_strategy_measures') }}
),

arms as (
    select
        change_name,
        outcome_name,
        count(case when arm = 'treated' then 1 end) as treated_units,
        count(case when arm = 'control' then 1 end) as control_units,
        avg(case when arm = 'treated' then pre_mean end) as treated_pre_mean,
        avg(case when arm = 'treated' then post_mean end) as treated_post_mean,
        avg(case when arm = 'control' then pre_mean end) as control_pre_mean,
        avg(case when arm = 'control' then post_mean end) as control_post_mean,
        has_history,
        is_over,
        ended_date
    from {{ ref('int_strategy_units') }}
    group by change_name, outcome_name, has_history, is_over, ended_date
),

judged as (
    select
        arms.*,
        effects.difference as effect,
        effects.standard_error,
        effects.degrees_of_freedom,
        effects.margin_of_error,
        trends.difference as trend,
        trends.margin_of_error as trend_margin,
        placebos.difference as placebo,
        placebos.margin_of_error as placebo_margin,
        case
            when not arms.has_history then 'no_history'
            when not arms.is_over then 'immature'
            when arms.control_units = 0 then 'descriptive'
            when
                abs(trends.difference) > trends.margin_of_error
                or abs(placebos.difference) > placebos.margin_of_error
                then 'not_parallel'
            when arms.treated_units < 10 or arms.control_units < 10 then 'indicative'
            else 'causal'
        end as evidence_status
    from arms
    inner join measures as effects
        on
            arms.change_name = effects.change_name
            and arms.outcome_name = effects.outcome_name
            and effects.measure = 'effect'
    inner join measures as placebos
        on
            arms.change_name = placebos.change_name
            and arms.outcome_name = placebos.outcome_name
            and placebos.measure = 'placebo'
    inner join measures as trends
        on
            arms.change_name = trends.change_name
            and arms.outcome_name = trends.outcome_name
            and trends.measure = 'trend'
)

select
    {{ key_of(['judged.change_name', 'judged.outcome_name']) }} as strategy_effect_key,
    judged.change_name,
    changes.change_name_zh,
    changes.unit_type,
    judged.outcome_name,
    judged.evidence_status,
    cast(judged.treated_units as bigint) as treated_units,
    cast(judged.control_units as bigint) as control_units,
    cast(changes.pre_days as bigint) as pre_days,
    cast(changes.post_days as bigint) as post_days,
    {{ ratio('judged.treated_pre_mean', '1') }} as treated_pre_mean,
    {{ ratio('judged.treated_post_mean', '1') }} as treated_post_mean,
    {{ ratio('judged.control_pre_mean', '1') }} as control_pre_mean,
    {{ ratio('judged.control_post_mean', '1') }} as control_post_mean,
    judged.effect as daily_effect,
    judged.standard_error as daily_effect_standard_error,
    judged.degrees_of_freedom as daily_effect_degrees_of_freedom,
    {{ ratio('judged.effect - judged.margin_of_error', '1') }} as daily_effect_lower,
    {{ ratio('judged.effect + judged.margin_of_error', '1') }} as daily_effect_upper,
    {{ ratio('judged.effect', '(judged.treated_post_mean - judged.effect)') }} as relative_effect,
    {{ ratio(
        'judged.effect * judged.treated_units * changes.post_days', '1'
    ) }} as treated_total_effect,
    judged.trend as weekly_trend_difference,
    {{ ratio('judged.trend - judged.trend_margin', '1') }} as weekly_trend_lower,
    {{ ratio('judged.trend + judged.trend_margin', '1') }} as weekly_trend_upper,
    judged.placebo as placebo_effect,
    {{ ratio('judged.placebo - judged.placebo_margin', '1') }} as placebo_effect_lower,
    {{ ratio('judged.placebo + judged.placebo_margin', '1') }} as placebo_effect_upper,
    changes.changed_date,
    judged.ended_date
from judged
inner join changes on judged.change_name = changes.change_name
