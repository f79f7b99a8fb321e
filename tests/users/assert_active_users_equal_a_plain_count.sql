-- The stepwise count of active users equals counting distinct people window by window, every 13th
-- day.
with as_of as (
    select as_of_date from {{ ref('dim_as_of') }} where metric_family = 'activity'
),

days as (
    select dim_dates.date_day
    from {{ ref('dim_dates') }} as dim_dates
    inner join as_of on dim_dates.date_day <= as_of.as_of_date
    where mod({{ days_between("cast('2000-01-01' as date)", 'date_day') }}, 13) = 0
),

active_days as (
    select distinct events.user_key, users.is_identified, events.event_date
    from {{ ref('fct_events') }} as events
    inner join {{ ref('event_types') }} as event_types
        on
            events.event_type = event_types.event_type
            and event_types.is_active_signal
    inner join {{ ref('dim_users') }} as users
        on
            events.user_key = users.user_key
            and users.user_key <> 'unknown'
),

plain as (
    select
        days.date_day,
        count(
            distinct case when active_days.is_identified then active_days.user_key end
        ) as active_users_28d,
        count(distinct active_days.user_key) as visitors_28d
    from days
    inner join active_days
        on active_days.event_date between {{ add_days('days.date_day', -27) }} and days.date_day
    group by 1
)

select plain.*
from plain
left join {{ ref('active_users') }} as active_users
    on plain.date_day = active_users.activity_date and active_users.sales_channel_key = 'all'
where
    active_users.activity_date is null
    or plain.active_users_28d <> active_users.active_users_28d
    or plain.visitors_28d <> active_users.visitors_28d
