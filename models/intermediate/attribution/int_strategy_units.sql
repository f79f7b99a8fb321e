-- One row per change of strategy, outcome and unit: its mean day before and after the change.
-- Besides, what would be seen if the change had come in the middle of the days before it, and the
-- trend of those days. A day without a row is a day of nothing: sums are divided by days. What lies
-- before history begins, or is not over, is null.
with changes as (
    select
        change_name,
        unit_type,
        changed_date,
        {{ add_days('changed_date', '-pre_days') }} as started_date,
        {{ add_days('changed_date', 'post_days - 1') }} as ended_date,
        {{ add_days('changed_date', '-' ~ floor_div('pre_days', '2')) }} as placebo_date,
        {{ as_double('pre_days') }} as pre_days,
        {{ as_double('post_days') }} as post_days,
        {{ as_double(floor_div('pre_days', '2')) }} as placebo_days
    from {{ ref('strategy_changes') }}
),

units as (
    select * from {{ ref('strategy_change_units') }}
),

panel as (
    select * from {{ ref('int_strategy_panel') }}
),

as_of as (
    select as_of_date from {{ ref('int_as_of') }} where metric_family = 'roi'
),

histories as (
    select unit_type, outcome_name, min(outcome_date) as history_date
    from panel
    group by unit_type, outcome_name
),

unit_days as (
    select
        changes.*,
        histories.outcome_name,
        units.unit,
        units.arm,
        histories.history_date <= changes.started_date as has_history,
        changes.ended_date <= as_of.as_of_date as is_over,
        {{ as_double('coalesce(panel.outcome, 0)') }} as outcome,
        case
            when panel.outcome_date >= changes.changed_date then 'after'
            when panel.outcome_date >= changes.placebo_date then 'later before'
            else 'before'
        end as phase,
        coalesce({{ days_between('changes.started_date', 'panel.outcome_date') }}, 0)
        - (changes.pre_days - 1) / 2 as days_from_middle
    from changes
    inner join histories on changes.unit_type = histories.unit_type
    inner join units on changes.change_name = units.change_name
    cross join as_of
    left join panel
        on
            changes.unit_type = panel.unit_type
            and histories.outcome_name = panel.outcome_name
            and units.unit = panel.unit
            and panel.outcome_date >= changes.started_date
            and panel.outcome_date <= changes.ended_date
)

select
    {{ key_of(['change_name', 'outcome_name', 'unit']) }} as strategy_unit_key,
    change_name,
    outcome_name,
    unit,
    arm,
    case
        when has_history
            then sum(case when phase <> 'after' then outcome else 0 end) / pre_days
    end as pre_mean,
    case
        when has_history and is_over
            then sum(case when phase = 'after' then outcome else 0 end) / post_days
    end as post_mean,
    case
        when has_history
            then
                sum(case when phase = 'later before' then outcome else 0 end) / placebo_days
                - sum(case when phase = 'before' then outcome else 0 end)
                / (pre_days - placebo_days)
    end as placebo_change,
    -- Least squares: days are told from the middle one, which is their mean.
    case
        when has_history
            then
                0 + 7 * sum(case when phase <> 'after' then outcome * days_from_middle else 0 end)
                / (pre_days * (pre_days * pre_days - 1) / 12)
    end as weekly_slope,
    has_history,
    is_over,
    ended_date
from unit_days
group by
    change_name, outcome_name, unit, arm, pre_days, post_days, placebo_days, has_history, is_over,
    ended_date
