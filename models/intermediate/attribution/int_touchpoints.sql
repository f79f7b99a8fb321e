-- One row per contact with a marketing channel: each visit, and each touch outside visits.
-- A visit without any traffic is direct. Touches outside visits are events that event_types marks,
-- such as a click in a message.
with sessions as (
    select * from {{ ref('int_sessions') }}
),

marked as (
    select events.*
    from {{ ref('int_events_identified') }} as events
    inner join {{ ref('event_types') }} as types on events.event_type = types.event_type
    where types.is_touchpoint and events.session_key is null
),

touches as (
    select
        session_key as touchpoint_key,
        session_key,
        user_key,
        source_name,
        traffic_key,
        started_at as touched_at,
        session_date as touch_date
    from sessions
    union all
    select event_key, null, user_key, source_name, traffic_key, occurred_at, event_date from marked
),

traffic as (
    select * from {{ ref('int_traffic') }}
)

select
    touches.touchpoint_key,
    touches.session_key,
    touches.user_key,
    touches.source_name,
    coalesce(traffic.channel_key, 'direct') as channel_key,
    coalesce(traffic.campaign_key, 'unknown') as campaign_key,
    touches.touched_at,
    touches.touch_date
from touches
left join traffic on touches.traffic_key = traffic.traffic_key
