-- One row per version and channel with its removal effect, for the model `markov`.
-- The part of conversions that would be lost if everybody who comes to the channel were lost there:
-- N(start, c) / N(c, c) * h(c) / h(start), N the expected visits, h the chance of a conversion.
with steps as (
    select
        versions.version_no,
        transitions.from_channel_key,
        transitions.to_channel_key,
        sum(transitions.step_count) as step_count
    from {{ ref('int_attribution_versions') }} as versions
    inner join {{ ref('int_channel_transitions') }} as transitions
        on
            versions.conversion_type = transitions.conversion_type
            and transitions.month_date >= versions.first_month_date
            and transitions.month_date <= versions.version_month_date
    group by versions.version_no, transitions.from_channel_key, transitions.to_channel_key
),

-- The start is 0, channels that were seen are numbered from 1.
states as (
    select
        version_no,
        from_channel_key as channel_key,
        sum(step_count) as step_count,
        row_number() over (
            partition by version_no
            order by case when from_channel_key = '(start)' then 0 else 1 end, from_channel_key
        ) - 1 as state_no
    from steps
    group by version_no, from_channel_key
),

targets as (
    select version_no, channel_key, state_no from states where state_no > 0
    union all
    select version_no, '(conversion)', 0 from states where state_no = 0
),

probabilities as (
    select
        states.version_no as system_no,
        states.state_no as row_no,
        targets.state_no as column_no,
        {{ as_double('coalesce(steps.step_count, 0)') }}
        / {{ as_double('states.step_count') }} as probability
    from states
    inner join targets on states.version_no = targets.version_no
    left join steps
        on
            states.version_no = steps.version_no
            and states.channel_key = steps.from_channel_key
            and targets.channel_key = steps.to_channel_key
),

-- I - Q, with the way in as row 0 and the ways out to a conversion as column 0.
cells as (
    select
        system_no,
        row_no,
        column_no,
        case
            when column_no = 0 then probability
            when row_no = column_no then 1 - probability
            else -probability
        end as cell_value
    from probabilities
),

solved as (
    select * from {{ swept_systems('cells', var('attribution_channel_limit')) }} as solved
),

chances as (
    select
        visits.system_no,
        visits.column_no as state_no,
        visits.cell_value / nullif(returns.cell_value, 0) as reach_chance,
        hits.cell_value as conversion_chance,
        starts.cell_value as start_conversion_chance
    from solved as visits
    inner join solved as returns
        on
            visits.system_no = returns.system_no
            and visits.column_no = returns.row_no
            and visits.column_no = returns.column_no
    inner join solved as hits
        on
            visits.system_no = hits.system_no
            and visits.column_no = hits.row_no
            and hits.column_no = 0
    inner join solved as starts
        on visits.system_no = starts.system_no and starts.row_no = 0 and starts.column_no = 0
    where visits.row_no = 0 and visits.column_no > 0
)

select
    states.version_no,
    states.channel_key,
    -- Between 0 and 1 but for the last digit of a double.
    least(greatest(coalesce(
        chances.reach_chance * chances.conversion_chance
        / nullif(chances.start_conversion_chance, 0), 0
    ), 0), 1) as removal_effect
from states
inner join chances
    on states.version_no = chances.system_no and states.state_no = chances.state_no
