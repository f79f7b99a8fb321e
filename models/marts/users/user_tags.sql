-- One row per person, tag, version, value and stretch of days in which the tag holds.
-- A tag holds while its condition is true on what is known of the person, at most its valid days
-- after the day it was last found true. A newer version takes over on its own first day, so
-- stretches of one person and tag never overlap. Open stretches still hold on the as-of day.
with inputs as (
    select
        *,
        lead(change_date) over (partition by user_key order by change_date) as next_change_date
    from {{ ref('user_tag_inputs') }}
),

rules as (
    select
        tag_name,
        version as tag_version,
        tag_group as tag_group_name,
        condition,
        value_column,
        valid_days,
        version_from_date,
        lead(version_from_date) over (
            partition by tag_name order by version_from_date
        ) as version_to_date
    from {{ ref('tag_rules') }}
),

as_of as (
    select as_of_date from {{ ref('dim_as_of') }} where metric_family = 'orders'
),

held as (
    select
        inputs.user_key,
        rules.tag_name,
        rules.tag_group_name,
        rules.tag_version,
        {{ named_value('rules.value_column', ref('tag_rules')) }} as tag_value,
        greatest(inputs.change_date, rules.version_from_date) as from_date,
        least(
            coalesce(inputs.next_change_date, cast('9999-12-31' as date)),
            coalesce(rules.version_to_date, cast('9999-12-31' as date)),
            coalesce(
                {{ add_days('inputs.change_date', 'rules.valid_days') }},
                cast('9999-12-31' as date)
            )
        ) as to_date
    from inputs
    cross join rules
    where {{ condition_holds('rules.condition', ref('tag_rules')) }}
),

-- A stretch begins where the tag did not hold the day before, or held with another value.
steps as (
    select
        held.*,
        case
            when
                lag(to_date) over tag = from_date
                and coalesce(lag(tag_value) over tag, '') = coalesce(tag_value, '')
                then 0
            else 1
        end as is_begun
    from held
    where from_date < to_date
    window tag as (partition by user_key, tag_name, tag_version order by from_date)
),

numbered as (
    select
        steps.*,
        sum(is_begun) over (
            partition by user_key, tag_name, tag_version order by from_date
        ) as stretch_number
    from steps
),

stretches as (
    select
        user_key,
        tag_name,
        tag_group_name,
        tag_version,
        tag_value,
        min(from_date) as valid_from_date,
        max(to_date) as to_date
    from numbered
    group by user_key, tag_name, tag_group_name, tag_version, tag_value, stretch_number
)

select
    {{ key_of(['stretches.user_key', 'stretches.tag_name', 'stretches.valid_from_date']) }}
        as user_tag_key,
    stretches.user_key,
    stretches.tag_name,
    stretches.tag_group_name,
    stretches.tag_value,
    cast(stretches.tag_version as bigint) as tag_version,
    stretches.to_date > as_of.as_of_date as is_current,
    stretches.valid_from_date,
    case when stretches.to_date <= as_of.as_of_date then stretches.to_date end as valid_to_date
from stretches
inner join as_of on stretches.valid_from_date <= as_of.as_of_date
