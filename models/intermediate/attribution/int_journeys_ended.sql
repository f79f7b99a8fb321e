-- One row per touch of a journey that ended: in a conversion, or forgotten without one.
-- For repeat orders only those that led to one: after an order nobody says what else was lost.
{{ config(materialized='view') }}

select
    conversion_type,
    conversion_key as journey_key,
    channel_key,
    touch_no,
    touch_count,
    true as is_converted,
    conversion_date as ended_date,
    touched_at
from {{ ref('int_journey_touches') }}
union all
select
    conversion_type,
    journey_key,
    channel_key,
    touch_no,
    touch_count,
    false as is_converted,
    ended_date,
    touched_at
from {{ ref('int_journeys_without_conversion') }}
