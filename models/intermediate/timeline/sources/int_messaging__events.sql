-- One row per message sent and per thing that happened to one, held-out recipients left out.
-- What machines opened or clicked nobody did; events follow the message's person, so those of a
-- message that was never delivered to us are nobody's.
with messages as (
    select * from {{ ref('stg_messaging__messages') }}
),

happened as (
    select
        {{ key_of(["'messaging'", "'message_events'", 'events.message_event_id']) }} as event_key,
        {{ key_of(["'messaging'", "'messages'", 'events.message_id']) }} as record_key,
        events.event_type,
        coalesce(messages.traffic_source, events.traffic_source) as traffic_source,
        coalesce(messages.traffic_medium, events.traffic_medium) as traffic_medium,
        messages.traffic_campaign,
        messages.click_id_type,
        events.occurred_at,
        events.load_no
    from {{ ref('stg_messaging__message_events') }} as events
    left join messages on events.message_id = messages.message_id
    where
        not events.is_machine
        and events.event_type in (
            'message_delivered', 'message_opened', 'message_clicked', 'message_unsubscribed'
        )
)

select
    {{ key_of(["'messaging'", "'messages'", 'message_id']) }} as event_key,
    {{ key_of(["'messaging'", "'messages'", 'message_id']) }} as record_key,
    'messaging' as source_name,
    'message_sent' as event_type,
    'unknown' as sales_channel_key,
    cast(null as varchar(200)) as device_id,
    cast(null as varchar(32)) as traffic_key,
    cast(null as varchar(32)) as order_key,
    cast(null as decimal(18, 2)) as event_amount,
    scheduled_at as occurred_at,
    load_no
from messages
where not is_control
union all
select
    event_key,
    record_key,
    'messaging',
    event_type,
    'unknown',
    null,
    case when event_type = 'message_clicked' then {{ traffic_key('happened') }} end,
    null,
    null,
    occurred_at,
    load_no
from happened
