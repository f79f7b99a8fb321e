-- One row per event of the app, in the shape of the timeline.
-- What the device does by itself, woken in the background, is no visit and has no device here.
with events as (
    select * from {{ ref('stg_app__events') }}
),

names as (
    select
        event_names.source_event_name,
        event_types.event_type,
        event_types.is_active_signal
    from {{ ref('event_names') }} as event_names
    inner join {{ ref('event_types') }} as event_types
        on event_names.event_type = event_types.event_type
    where event_names.source_name = 'app'
)

select
    {{ key_of(["'app'", "'events'", 'events.event_id']) }} as event_key,
    {{ key_of(["'app'", "'events'", 'events.event_id']) }} as record_key,
    'app' as source_name,
    coalesce(names.event_type, 'other') as event_type,
    'app' as sales_channel_key,
    case
        when coalesce(names.is_active_signal, true)
            then 'app:' || events.app_id || ':' || events.device_id
    end as device_id,
    case
        when
            coalesce(
                events.traffic_source, events.traffic_medium, events.traffic_campaign,
                events.click_id_type
            ) is not null
            then {{ traffic_key('events') }}
    end as traffic_key,
    case
        when events.order_id is not null
            then {{ key_of(["'shop'", "'orders'", 'events.order_id']) }}
    end as order_key,
    cast(null as decimal(18, 2)) as event_amount,
    events.occurred_at,
    events.load_no
from events
left join names on events.source_event_name = names.source_event_name
