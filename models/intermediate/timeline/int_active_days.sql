-- One row per person, sales channel (and `all`) and business day with activity.
-- Active is who did something that event_types calls an active signal. Whoever does nothing for 28
-- days has lapsed on the 28th, and is reactivated by the next activity. Lists of members tell their
-- registrations from long before anything else was recorded: such days have no recorded_date.
with events as (
    select * from {{ ref('int_events_identified') }} where user_key <> 'unknown'
),

event_types as (
    select * from {{ ref('event_types') }} where is_active_signal
),

active_days as (
    select
        events.user_key,
        events.sales_channel_key,
        events.event_date,
        min(case when event_types.stage = 'register' then 1 else 0 end) as is_only_registration
    from events
    inner join event_types on events.event_type = event_types.event_type
    group by 1, 2, 3
),

channel_days as (
    select user_key, sales_channel_key, event_date, is_only_registration from active_days
    union all
    select user_key, 'all', event_date, min(is_only_registration)
    from active_days
    group by 1, 3
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
    case when is_only_registration = 0 then event_date end as recorded_date,
    case
        when next_date is null or {{ days_between('event_date', 'next_date') }} > 28
            then {{ add_days('event_date', 28) }}
    end as lapsed_date
from neighbours
