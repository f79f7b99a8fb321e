-- One row per touch of a journey that ended: in a conversion, or forgotten without one.
-- Both up to the as-of day, so that neither outnumbers the other after it. For repeat orders only
-- those that led to one: after an order nobody says what else was lost.
{{ config(materialized='view') }}
with as_of as (
    select as_of_date from {{ ref('int_as_of') }} where metric_family = 'activity'
)

select
    touches.conversion_type,
    touches.conversion_key as journey_key,
    touches.channel_key,
    touches.touch_no,
    touches.touch_count,
    true as is_converted,
    touches.conversion_date as ended_date,
    touches.touched_at
from {{ ref('int_journey_touches') }} as touches
inner join as_of on touches.conversion_date <= as_of.as_of_date
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
