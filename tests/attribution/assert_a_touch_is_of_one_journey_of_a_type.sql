-- No touch is both in a journey that led to a conversion and in one of the type that did not, and
-- none of those that did not comes later than the conversion or is still remembered at it.
with conversions as (
    select * from {{ ref('int_conversions') }} where conversion_type <> 'repeat_order'
),

touches as (
    select * from {{ ref('int_journey_touches') }}
),

lost as (
    select * from {{ ref('int_journeys_without_conversion') }}
)

select lost.conversion_type, lost.touchpoint_key
from lost
inner join touches
    on
        lost.conversion_type = touches.conversion_type
        and lost.touchpoint_key = touches.touchpoint_key
union all
select lost.conversion_type, lost.touchpoint_key
from lost
inner join conversions
    on
        lost.conversion_type = conversions.conversion_type
        and lost.user_key = conversions.user_key
left join {{ ref('channels') }} as channels on lost.channel_key = channels.channel_key
where {{ add_seconds('lost.touched_at', lookback_seconds()) }} > conversions.converted_at
