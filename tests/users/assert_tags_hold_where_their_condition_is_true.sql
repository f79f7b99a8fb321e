-- On the first day of each month and on the as-of day: whoever has a tag is whoever's last known
-- state meets the condition of that day's version and is not older than its valid days.
with as_of as (
    select as_of_date from {{ ref('dim_as_of') }} where metric_family = 'orders'
),

days as (
    select as_of_date as day from as_of
    union
    select dim_dates.month_date
    from {{ ref('dim_dates') }} as dim_dates
    inner join as_of on dim_dates.month_date <= as_of.as_of_date
),

last_changes as (
    select
        days.day,
        inputs.user_key,
        max(inputs.change_date) as change_date
    from days
    inner join {{ ref('user_tag_inputs') }} as inputs on days.day >= inputs.change_date
    group by 1, 2
),

states as (
    select inputs.*, last_changes.day
    from last_changes
    inner join {{ ref('user_tag_inputs') }} as inputs
        on
            last_changes.user_key = inputs.user_key
            and last_changes.change_date = inputs.change_date
),

versions as (
    select
        days.day as version_day,
        tag_rules.tag_name,
        max(tag_rules.version_from_date) as version_from_date
    from days
    inner join {{ ref('tag_rules') }} as tag_rules on days.day >= tag_rules.version_from_date
    group by 1, 2
),

rules as (
    select
        versions.version_day,
        tag_rules.tag_name,
        tag_rules.condition,
        tag_rules.value_column,
        tag_rules.valid_days
    from versions
    inner join {{ ref('tag_rules') }} as tag_rules
        on
            versions.tag_name = tag_rules.tag_name
            and versions.version_from_date = tag_rules.version_from_date
),

expected as (
    select
        states.day,
        states.user_key,
        rules.tag_name,
        coalesce({{ named_value('rules.value_column', ref('tag_rules')) }}, '') as tag_value
    from states
    inner join rules on states.day = rules.version_day
    where
        {{ condition_holds('rules.condition', ref('tag_rules')) }}
        and (
            rules.valid_days is null
            or {{ days_between('states.change_date', 'states.day') }} < rules.valid_days
        )
),

given as (
    select
        days.day,
        user_tags.user_key,
        user_tags.tag_name,
        coalesce(user_tags.tag_value, '') as tag_value
    from days
    inner join {{ ref('user_tags') }} as user_tags
        on
            days.day >= user_tags.valid_from_date
            and (user_tags.valid_to_date is null or days.day < user_tags.valid_to_date)
)

(select * from expected except select * from given)
union all
(select * from given except select * from expected)
