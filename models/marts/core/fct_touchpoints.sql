-- One row per contact with a marketing channel; today each visit is one, with the channel that
-- brought it.
-- A view over the incremental sessions below.
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
