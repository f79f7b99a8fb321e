-- One row per person, sales channel (and `all`) and business day with activity.
-- Active is who did something that event_types calls an active signal. Whoever does nothing for 28
-- days has lapsed on the 28th, and is reactivated by the next activity.
with events as (
    select * from {{ ref('int_events_identified') }} where user_key <> 'unknown'
),

event_types as (
    select * from {{ ref('event_types') }} where is_active_signal
),

active_days as (
    select distinct events.user_key, events.sales_channel_key, events.event_date
    from events
    inner join event_types on events.event_type = event_types.event_type
),

channel_days as (
    select user_key, sales_channel_key, event_date from active_days
    union all
    select distinct user_key, 'all', event_date from active_days
),

neighbours as (
    select
        *,
        lag(event_date) over person as previous_date,
        lead(event_date) over person as next_date
    from channel_days
    window person as (partition by user_key, sales_channel_key order by event_date)
)

select
    user_key,
    sales_channel_key,
    case
        when previous_date is null then 'new'
        when {{ days_between('previous_date', 'event_date') }} > 28 then 'reactivated'
        else 'returning'
    end as arrival_type,
    event_date as activity_date,
    next_date as next_activity_date,
    case
        when next_date is null or {{ days_between('event_date', 'next_date') }} > 28
            then {{ add_days('event_date', 28) }}
    end as lapsed_date
from neighbours
