-- One row per thing a person did or received, over all sources, on one clock.
-- A view: the timeline below is incremental, and a campaign renamed or matched later shows at once.
{{ config(materialized='view') }}

with events as (
    select * from {{ ref('int_events_identified') }}
),

traffic as (
    select * from {{ ref('int_traffic') }}
)

select
    events.event_key,
    events.user_key,
    events.session_key,
    events.sales_channel_key,
    coalesce(traffic.campaign_key, 'unknown') as campaign_key,
    events.order_key,
    events.source_name,
    events.event_type,
    cast(events.event_amount as decimal(18, 2)) as event_amount,
    events.event_date,
    events.occurred_at
from events
left join traffic on events.traffic_key = traffic.traffic_key
