-- One row per visit: events of one person on one device with no gap of more than 30 minutes.
-- A view over the incremental sessions below.
{{ config(materialized='view') }}

with sessions as (
    select * from {{ ref('int_sessions') }}
),

touchpoints as (
    select * from {{ ref('int_touchpoints') }}
)

select
    sessions.session_key,
    sessions.user_key,
    sessions.sales_channel_key,
    touchpoints.channel_key,
    touchpoints.campaign_key,
    sessions.source_name,
    sessions.event_count,
    sessions.consider_event_count,
    sessions.session_date,
    sessions.started_at,
    sessions.ended_at
from sessions
inner join touchpoints on sessions.session_key = touchpoints.session_key
