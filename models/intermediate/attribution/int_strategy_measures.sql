-- One row per change of strategy, outcome and measure: by how much treated and control units
-- differ in it. Measures are the effect, the placebo and the trend before the change. Each unit
-- counts once whatever its days: what days of one unit have in common would pass for evidence.
with units as (
    select * from {{ ref('int_strategy_units') }}
),

measures as (
    select change_name, outcome_name, arm, 'effect' as measure, post_mean - pre_mean as moved
    from units
    union all
    select change_name, outcome_name, arm, 'placebo', placebo_change from units
    union all
    select change_name, outcome_name, arm, 'trend', weekly_slope from units
),

moments as (
    select
        change_name,
        outcome_name,
        measure,
        avg(case when arm = 'treated' then moved end)
        - avg(case when arm = 'control' then moved end) as difference,
        var_samp(case when arm = 'treated' then moved end) as v,
        count(case when arm = 'treated' then 1 end) as n,
        var_samp(case when arm = 'control' then moved end) as control_v,
        count(case when arm = 'control' then 1 end) as control_n
    from measures
    group by 1, 2, 3
)

select
    {{ key_of(['change_name', 'outcome_name', 'measure']) }} as strategy_measure_key,
    change_name,
    outcome_name,
    measure,
    {{ ratio('difference', '1') }} as difference,
    {{ ratio(welch_standard_error('v', 'n', 'control_v', 'control_n'), '1') }} as standard_error,
    {{ ratio(welch_df('v', 'n', 'control_v', 'control_n'), '1') }} as degrees_of_freedom,
    {{ ratio(welch_margin('v', 'n', 'control_v', 'control_n'), '1') }} as margin_of_error
from moments
