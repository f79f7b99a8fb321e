-- One row per event with its person and session.
-- Redone per person: whoever has a new, changed, moved or gone event gets all events redone, so
-- sessions are always cut over the person's whole history.
{{ config(
    materialized='incremental', unique_key='timeline_key', event_time='event_date',
    post_hook="{{ forget_moved_events(ref('int_events'), ref('int_record_people')) }}"
) }}

with events as (
    select * from {{ ref('int_events') }}
),

people as (
    select * from {{ ref('int_record_people') }}
),

owned as (
    select
        events.*,
        coalesce(people.user_key, 'unknown') as user_key,
        coalesce(people.user_key, events.event_key) as timeline_key
    from events
    left join people on events.record_key = people.record_key
),

redone as (
    select * from owned
    where {{ is_changed_timeline('owned') }}
),

gaps as (
    select
        *,
        lag(occurred_at) over (
            partition by timeline_key, device_id order by occurred_at, event_key
        ) as previous_at
    from redone
),

starts as (
    select
        *,
        case
            when previous_at is null or {{ seconds_between('previous_at', 'occurred_at') }} > 1800
                then occurred_at
        end as session_start_at
    from gaps
),

sessions as (
    select
        *,
        max(session_start_at) over (
            partition by timeline_key, device_id
            order by occurred_at, event_key
            rows between unbounded preceding and current row
        ) as session_started_at
    from starts
)

select
    event_key,
    timeline_key,
    user_key,
    record_key,
    source_name,
    event_type,
    sales_channel_key,
    traffic_key,
    order_key,
    case
        when device_id is not null
            then {{ key_of(['timeline_key', 'device_id', 'session_started_at']) }}
    end as session_key,
    event_amount,
    occurred_at,
    {{ business_date('occurred_at') }} as event_date,
    load_no,
    '{{ invocation_id }}' as _run_id
from sessions
