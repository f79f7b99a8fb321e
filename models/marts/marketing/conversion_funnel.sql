-- One row per month, channel and step of the funnel: counts of ads (impression, click), visits per
-- click, and people from their first visit on.
-- People belong to the month and channel of their first visit and enter a step's base once its
-- window has passed; who had bought before it was a customer already and is no part of it. Where
-- some may have, because history had only begun, purchases are null.
with steps as (
    select * from {{ ref('funnel_steps') }}
),

as_of as (
    select min(as_of_date) as as_of_date
    from {{ ref('dim_as_of') }}
    where metric_family in ('roi', 'activity')
),

people as (
    select * from {{ ref('int_first_visits') }} where not is_customer_before
),

walked as (
    select
        {{ month_start('people.visit_date') }} as month_date,
        people.channel_key,
        steps.step_name,
        {{ add_days('people.visit_date', 'steps.window_days') }} as window_date,
        case steps.step_name
            when 'visitor' then people.visit_date
            when 'register' then people.register_date
            when 'consider' then people.consider_date
            when 'first_order' then people.first_order_date
            when 'repeat_order' then people.second_order_date
        end as reached_date,
        case
            when steps.step_name in ('first_order', 'repeat_order')
                then people.first_order_status
        end as first_order_status
    from people
    inner join as_of on people.visit_date <= as_of.as_of_date
    inner join steps on steps.unit = 'person'
),

people_counts as (
    select
        walked.month_date,
        walked.channel_key,
        walked.step_name,
        count(as_of.as_of_date) as base_count,
        count(case when walked.reached_date <= walked.window_date then as_of.as_of_date end)
            as step_count,
        count(case when walked.first_order_status = 'truncated' then as_of.as_of_date end)
            as truncated_count
    from walked
    left join as_of on walked.window_date <= as_of.as_of_date
    group by 1, 2, 3
),

counted as (
    select
        {{ month_start('ads.date_day') }} as month_date,
        ads.channel_key,
        ads.impressions,
        ads.clicks,
        0 as visits
    from {{ ref('fct_ad_performance') }} as ads
    inner join as_of on ads.date_day <= as_of.as_of_date
    union all
    select {{ month_start('sessions.session_date') }}, sessions.channel_key, null, null, 1
    from {{ ref('fct_sessions') }} as sessions
    inner join as_of on sessions.session_date <= as_of.as_of_date
),

monthly as (
    select
        month_date,
        channel_key,
        sum(impressions) as impressions,
        sum(clicks) as clicks,
        sum(visits) as visits
    from counted
    group by 1, 2
),

counts as (
    select month_date, channel_key, 'impression' as step_name, null as base, impressions as reached
    from monthly
    where impressions is not null
    union all
    select month_date, channel_key, 'click', impressions, clicks
    from monthly
    where clicks is not null
    union all
    select month_date, channel_key, 'visit', clicks, visits from monthly
    union all
    select
        month_date, channel_key, step_name, base_count,
        case when base_count > 0 and truncated_count = 0 then step_count end
    from people_counts
)

select
    {{ key_of(['counts.month_date', 'counts.channel_key', 'counts.step_name']) }} as funnel_key,
    counts.channel_key,
    counts.step_name,
    steps.unit,
    cast(steps.step_no as bigint) as step_number,
    cast(steps.window_days as bigint) as window_days,
    cast(counts.base as bigint) as base_count,
    cast(counts.reached as bigint) as step_count,
    {{ ratio('counts.reached', 'counts.base') }} as step_ratio,
    coalesce({{ add_days(
        month_end('counts.month_date'), 'coalesce(steps.window_days, 0)'
    ) }} <= as_of.as_of_date, false) as is_mature,
    counts.month_date
from counts
inner join steps on counts.step_name = steps.step_name
cross join as_of
