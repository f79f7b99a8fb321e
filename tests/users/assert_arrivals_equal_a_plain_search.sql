-- New, reactivated and lapsed people searched for one by one in the events, every 13th day, over
-- all channels.
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
    select distinct events.user_key, events.event_date
    from {{ ref('fct_events') }} as events
    inner join {{ ref('event_types') }} as event_types
        on events.event_type = event_types.event_type and event_types.is_active_signal
    inner join {{ ref('dim_users') }} as users
        on events.user_key = users.user_key and users.is_identified
),

seen as (
    select
        days.date_day,
        active_days.user_key,
        max(active_days.event_date) as last_date,
        max(
            case when active_days.event_date < days.date_day then active_days.event_date end
        ) as previous_date
    from days
    inner join active_days on days.date_day >= active_days.event_date
    group by 1, 2
),

plain as (
    select
        date_day,
        count(case when last_date = date_day and previous_date is null then 1 end) as new_users,
        count(
            case
                when last_date = date_day and previous_date < {{ add_days('date_day', -28) }}
                    then 1
            end
        ) as reactivated_users,
        count(
            case when last_date = {{ add_days('date_day', -28) }} then 1 end
        ) as lapsed_users
    from seen
    group by 1
)

select plain.*
from plain
inner join {{ ref('active_users') }} as active_users
    on plain.date_day = active_users.activity_date and active_users.sales_channel_key = 'all'
where
    plain.new_users <> active_users.new_users_1d
    or plain.reactivated_users <> active_users.reactivated_users_1d
    or plain.lapsed_users <> active_users.lapsed_users_1d
