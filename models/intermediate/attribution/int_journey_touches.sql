-- One row per conversion and touch that may have led to it: journeys in the order of their touches.
-- A touch counts until the very second of the conversion, within its channel's lookback, and after
-- the person's previous conversion of the same type, so it is of one conversion of each type.
with touchpoints as (
    select
        touchpoints.touchpoint_key,
        touchpoints.user_key,
        touchpoints.channel_key,
        touchpoints.campaign_key,
        touchpoints.touched_at,
        {{ lookback_seconds() }} as lookback_seconds
    from {{ ref('int_touchpoints') }} as touchpoints
    left join {{ ref('channels') }} as channels on touchpoints.channel_key = channels.channel_key
),

conversions as (
    select * from {{ ref('int_conversions') }}
),

repeats as (
    select * from conversions where conversion_type = 'repeat_order'
),

-- Later orders are many, and a touch leads to the next one only. Searching that by time would meet
-- each touch with each order of its person.
moments as (
    select
        user_key,
        cast(null as {{ dbt.type_string() }}) as touchpoint_key,
        cast(null as {{ dbt.type_string() }}) as channel_key,
        cast(null as {{ dbt.type_string() }}) as campaign_key,
        converted_at as touched_at,
        cast(null as integer) as lookback_seconds,
        converted_at
    from repeats
    union all
    select
        user_key,
        touchpoint_key,
        channel_key,
        campaign_key,
        touched_at,
        lookback_seconds,
        cast(null as timestamp)
    from touchpoints
    where touchpoints.user_key in (select repeats.user_key from repeats)
),

next_repeats as (
    select
        user_key,
        touchpoint_key,
        channel_key,
        campaign_key,
        touched_at,
        lookback_seconds,
        min(converted_at) over (
            partition by user_key order by touched_at
            range between current row and unbounded following
        ) as converted_at
    from moments
),

-- Nobody registers or first orders twice, so these are at most two rows for a touch.
pairs as (
    select touchpoints.*, conversions.converted_at, conversions.conversion_key
    from touchpoints
    inner join conversions
        on
            touchpoints.user_key = conversions.user_key
            and touchpoints.touched_at <= conversions.converted_at
    where conversions.conversion_type <> 'repeat_order'
    union all
    select
        touches.touchpoint_key,
        touches.user_key,
        touches.channel_key,
        touches.campaign_key,
        touches.touched_at,
        touches.lookback_seconds,
        touches.converted_at,
        repeats.conversion_key
    from next_repeats as touches
    inner join repeats
        on touches.user_key = repeats.user_key and touches.converted_at = repeats.converted_at
    where touches.touchpoint_key is not null
),

journeys as (
    select * from pairs
    where {{ seconds_between('touched_at', 'converted_at') }} < lookback_seconds
)

select
    journeys.conversion_key,
    journeys.touchpoint_key,
    journeys.channel_key,
    journeys.campaign_key,
    conversions.conversion_type,
    cast(row_number() over (
        partition by journeys.conversion_key
        order by journeys.touched_at, journeys.touchpoint_key
    ) as bigint) as touch_no,
    cast(count(*) over (partition by journeys.conversion_key) as bigint) as touch_count,
    conversions.conversion_date,
    journeys.touched_at,
    journeys.converted_at
from journeys
inner join conversions on journeys.conversion_key = conversions.conversion_key
