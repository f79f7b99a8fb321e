-- One row per event of a mini program, and per time somebody followed an official account or
-- stopped.
-- Follows belong to the follower's record, so they follow the follower's person.
with events as (
    select * from {{ ref('stg_wechat__mini_program_events') }}
),

follows as (
    select * from {{ ref('stg_wechat__follows') }}
),

names as (
    select * from {{ ref('event_names') }} where source_name = 'wechat'
)

select
    {{ key_of(["'wechat'", "'mini_program_events'", 'events.event_id']) }} as event_key,
    {{ key_of(["'wechat'", "'mini_program_events'", 'events.event_id']) }} as record_key,
    'wechat' as source_name,
    coalesce(names.event_type, 'other') as event_type,
    'mini_program' as sales_channel_key,
    'wechat:' || events.app_id || ':' || events.openid as device_id,
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
union all
select
    {{ key_of([
        "'wechat'", "'follows'", 'follows.follower_id', 'follows.follow_type', 'follows.occurred_at'
    ]) }},
    {{ key_of(["'wechat'", "'followers'", 'follows.follower_id']) }},
    'wechat',
    follows.follow_type,
    'unknown',
    null,
    case
        when coalesce(follows.traffic_source, follows.traffic_medium) is not null
            then {{ traffic_key('follows') }}
    end,
    null,
    null,
    follows.occurred_at,
    follows.load_no
from follows
