-- One row per contact with a marketing channel: each visit, and each touch outside visits such as
-- a click in a message.
-- A view over the incremental timeline below.
{{ config(materialized='view') }}

select
    touchpoint_key,
    user_key,
    session_key,
    channel_key,
    campaign_key,
    source_name,
    touch_date,
    touched_at
from {{ ref('int_touchpoints') }}
