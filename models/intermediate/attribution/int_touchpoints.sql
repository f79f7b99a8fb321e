-- One row per visit as a marketing touch, with its channel and campaign.
-- A visit without any traffic is direct.
with sessions as (
    select * from {{ ref('int_sessions') }}
),

traffic as (
    select * from {{ ref('int_traffic') }}
)

select
    sessions.session_key as touchpoint_key,
    sessions.session_key,
    sessions.user_key,
    sessions.source_name,
    coalesce(traffic.channel_key, 'direct') as channel_key,
    coalesce(traffic.campaign_key, 'unknown') as campaign_key,
    sessions.started_at as touched_at,
    sessions.session_date as touch_date
from sessions
left join traffic on sessions.traffic_key = traffic.traffic_key
