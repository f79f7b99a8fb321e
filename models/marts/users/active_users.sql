-- One row per business day and sales channel (and `all`): people active in 1, 7 and 28 days to it.
-- Counted by steps: a day of activity makes its person active until the window ends or the next
-- such day begins.
with event_types as (
    select * from {{ ref('event_types') }} where is_active_signal
),

as_of as (
    select as_of_date from {{ ref('dim_as_of') }} where metric_family = 'activity'
),

users as (
    select * from {{ ref('dim_users') }} where user_key <> 'unknown'
),

active_days as (
    select distinct
        events.user_key,
        users.is_identified,
        events.sales_channel_key,
        events.event_date
    from {{ ref('fct_events') }} as events
    inner join event_types on events.event_type = event_types.event_type
    inner join users on events.user_key = users.user_key
    cross join as_of
    where events.event_date <= as_of.as_of_date
),

channel_days as (
    select user_key, is_identified, sales_channel_key, event_date from active_days
    union
    select user_key, is_identified, 'all', event_date from active_days
),

windows as (
    select 1 as window_days
    union all
    select 7
    union all
    select 28
),

stretches as (
    select
        user_key,
        is_identified,
        sales_channel_key,
        event_date as from_date,
        lead(event_date) over (
            partition by user_key, sales_channel_key order by event_date
        ) as next_date
    from channel_days
),

ended as (
    select
        stretches.is_identified,
        stretches.sales_channel_key,
        windows.window_days,
        stretches.from_date,
        least(
            {{ add_days('stretches.from_date', 'windows.window_days') }},
            coalesce(stretches.next_date, cast('9999-12-31' as date))
        ) as to_date
    from stretches
    cross join windows
),

steps as (
    select
        sales_channel_key,
        window_days,
        from_date as step_date,
        count(*) as visitors,
        count(case when is_identified then 1 end) as actives
    from ended
    group by 1, 2, 3
    union all
    select
        sales_channel_key,
        window_days,
        to_date,
        -1 * count(*),
        -1 * count(case when is_identified then 1 end)
    from ended
    group by 1, 2, 3
),

channels as (
    select sales_channel_key, min(from_date) as first_date from ended group by 1
),

days as (
    select
        channels.sales_channel_key,
        windows.window_days,
        dim_dates.date_day as step_date,
        0 as visitors,
        0 as actives
    from channels
    inner join {{ ref('dim_dates') }} as dim_dates on channels.first_date <= dim_dates.date_day
    cross join windows
    inner join as_of on dim_dates.date_day <= as_of.as_of_date
),

running as (
    select
        sales_channel_key,
        window_days,
        step_date,
        sum(sum(visitors)) over (
            partition by sales_channel_key, window_days order by step_date
        ) as visitors,
        sum(sum(actives)) over (
            partition by sales_channel_key, window_days order by step_date
        ) as actives
    from (
        select sales_channel_key, window_days, step_date, visitors, actives from steps
        union all
        select sales_channel_key, window_days, step_date, visitors, actives from days
    ) as stepped
    group by 1, 2, 3
),

counted as (
    select
        running.sales_channel_key,
        running.step_date as activity_date,
        max(case when running.window_days = 1 then running.actives end) as active_users_1d,
        max(case when running.window_days = 7 then running.actives end) as active_users_7d,
        max(case when running.window_days = 28 then running.actives end) as active_users_28d,
        max(case when running.window_days = 1 then running.visitors end) as visitors_1d,
        max(case when running.window_days = 7 then running.visitors end) as visitors_7d,
        max(case when running.window_days = 28 then running.visitors end) as visitors_28d
    from running
    inner join as_of on running.step_date <= as_of.as_of_date
    group by 1, 2
)

select
    {{ key_of(['activity_date', 'sales_channel_key']) }} as active_users_key,
    sales_channel_key,
    cast(active_users_1d as bigint) as active_users_1d,
    cast(active_users_7d as bigint) as active_users_7d,
    cast(active_users_28d as bigint) as active_users_28d,
    cast(visitors_1d as bigint) as visitors_1d,
    cast(visitors_7d as bigint) as visitors_7d,
    cast(visitors_28d as bigint) as visitors_28d,
    {{ ratio('active_users_1d', 'active_users_28d') }} as stickiness_rate,
    activity_date
from counted
