-- One row per business day and sales channel (and `all`): people active in 1, 7 and 28 days to it.
-- Counted by steps: active from a day of activity until its window ends or the next such day.
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
    select 1 as window_days union all select 7 union all select 28
),

stretches as (
    select
        channel_days.is_identified,
        channel_days.sales_channel_key,
        channel_days.event_date as from_date,
        windows.window_days,
        lead(channel_days.event_date) over (
            partition by channel_days.user_key, channel_days.sales_channel_key, windows.window_days
            order by channel_days.event_date
        ) as next_date
    from channel_days
    cross join windows
),

first_days as (
    select sales_channel_key, min(from_date) as first_date from stretches group by 1
),

steps as (
    select sales_channel_key, is_identified, window_days, from_date as step_date, 1 as step
    from stretches
    union all
    select
        sales_channel_key,
        is_identified,
        window_days,
        least(
            {{ add_days('from_date', 'window_days') }},
            coalesce(next_date, cast('9999-12-31' as date))
        ),
        -1
    from stretches
    union all
    select first_days.sales_channel_key, false, 0, dim_dates.date_day, 0
    from first_days
    inner join {{ ref('dim_dates') }} as dim_dates on first_days.first_date <= dim_dates.date_day
),

days as (
    select
        sales_channel_key,
        step_date,
        sum(case when window_days = 1 and is_identified then step else 0 end) as active_users_1d,
        sum(case when window_days = 7 and is_identified then step else 0 end) as active_users_7d,
        sum(case when window_days = 28 and is_identified then step else 0 end) as active_users_28d,
        sum(case when window_days = 1 then step else 0 end) as visitors_1d,
        sum(case when window_days = 7 then step else 0 end) as visitors_7d,
        sum(case when window_days = 28 then step else 0 end) as visitors_28d
    from steps
    group by 1, 2
),

running as (
    select
        sales_channel_key,
        step_date as activity_date,
        cast(sum(active_users_1d) over channel as bigint) as active_users_1d,
        cast(sum(active_users_7d) over channel as bigint) as active_users_7d,
        cast(sum(active_users_28d) over channel as bigint) as active_users_28d,
        cast(sum(visitors_1d) over channel as bigint) as visitors_1d,
        cast(sum(visitors_7d) over channel as bigint) as visitors_7d,
        cast(sum(visitors_28d) over channel as bigint) as visitors_28d
    from days
    window channel as (
        partition by sales_channel_key
        order by step_date
        rows between unbounded preceding and current row
    )
)

select
    {{ key_of(['running.activity_date', 'running.sales_channel_key']) }} as active_users_key,
    running.sales_channel_key,
    running.active_users_1d,
    running.active_users_7d,
    running.active_users_28d,
    running.visitors_1d,
    running.visitors_7d,
    running.visitors_28d,
    {{ ratio('running.active_users_1d', 'running.active_users_28d') }} as stickiness_rate,
    running.activity_date
from running
inner join as_of on running.activity_date <= as_of.as_of_date
