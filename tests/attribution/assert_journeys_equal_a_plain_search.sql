-- Journeys hold each touch that a search touch by touch finds, and no other: none after its
-- conversion, none outside its channel's window, none before the previous conversion of the type.
with touchpoints as (
    select
        touchpoints.*,
        coalesce(channels.lookback_days, 30) as lookback_days
    from {{ ref('fct_touchpoints') }} as touchpoints
    left join {{ ref('dim_channels') }} as channels
        on touchpoints.channel_key = channels.channel_key
),

conversions as (
    select
        *,
        lag(converted_at) over (
            partition by user_key, conversion_type order by converted_at
        ) as previous_converted_at
    from {{ ref('int_conversions') }}
),

expected as (
    select conversions.conversion_key, touchpoints.touchpoint_key
    from conversions
    inner join touchpoints
        on
            conversions.user_key = touchpoints.user_key
            and touchpoints.touched_at <= conversions.converted_at
    where
        {{ add_seconds('touchpoints.touched_at', 'touchpoints.lookback_days * 86400') }}
        > conversions.converted_at
        and (
            conversions.previous_converted_at is null
            or touchpoints.touched_at > conversions.previous_converted_at
        )
),

journeys as (
    select * from {{ ref('int_journey_touches') }}
)

select
    coalesce(expected.conversion_key, journeys.conversion_key) as conversion_key,
    coalesce(expected.touchpoint_key, journeys.touchpoint_key) as touchpoint_key
from expected
full join journeys
    on
        expected.conversion_key = journeys.conversion_key
        and expected.touchpoint_key = journeys.touchpoint_key
where expected.conversion_key is null or journeys.conversion_key is null
