-- One row per web event, in the shape of the timeline.
-- Its traffic is a key into int_traffic; an event without any is part of its session's.
with events as (
    select * from {{ ref('stg_ga4__events') }}
),

names as (
    select * from {{ ref('event_names') }} where source_name = 'ga4'
)

select
    {{ key_of(["'ga4'", "'events'", 'events.event_id']) }} as event_key,
    {{ key_of(["'ga4'", "'events'", 'events.event_id']) }} as record_key,
    'ga4' as source_name,
    coalesce(names.event_type, 'other') as event_type,
    'own_mall' as sales_channel_key,
    events.stream_id || ':' || events.cookie_id as device_id,
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
