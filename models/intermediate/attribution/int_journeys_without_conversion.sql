-- One row per type of conversion and touch of a journey that did not lead to it.
-- Touches of a person are one journey until all of them are forgotten: past their lookback. Only
-- then did it lead nowhere, so what is still open is not here, and what is here stays.
with touchpoints as (
    select
        touchpoints.*,
        {{ add_seconds('touchpoints.touched_at', lookback_seconds()) }} as forgotten_at
    from {{ ref('int_touchpoints') }} as touchpoints
    left join {{ ref('channels') }} as channels on touchpoints.channel_key = channels.channel_key
    where touchpoints.user_key <> 'unknown'
),

as_of as (
    select as_of_date from {{ ref('int_as_of') }} where metric_family = 'activity'
),

conversions as (
    select * from {{ ref('int_conversions') }} where conversion_type <> 'repeat_order'
),

conversion_types as (
    select 'registration' as conversion_type
    union all
    select 'first_order'
),

remembered as (
    select
        *,
        max(forgotten_at) over (
            partition by user_key order by touched_at, touchpoint_key
            rows between unbounded preceding and 1 preceding
        ) as before_forgotten_at
    from touchpoints
),

numbered as (
    select
        *,
        count(case when before_forgotten_at > touched_at then null else 1 end) over (
            partition by user_key order by touched_at, touchpoint_key
            rows between unbounded preceding and current row
        ) as journey_no
    from remembered
),

journeys as (
    select
        user_key,
        touchpoint_key,
        channel_key,
        touched_at,
        journey_no,
        row_number() over (
            partition by user_key, journey_no order by touched_at, touchpoint_key
        ) as touch_no,
        count(*) over (partition by user_key, journey_no) as touch_count,
        max(forgotten_at) over (partition by user_key, journey_no) as ended_at
    from numbered
)

select
    {{ key_of(['journeys.user_key', 'journeys.journey_no']) }} as journey_key,
    journeys.touchpoint_key,
    journeys.user_key,
    journeys.channel_key,
    conversion_types.conversion_type,
    cast(journeys.touch_no as bigint) as touch_no,
    cast(journeys.touch_count as bigint) as touch_count,
    {{ business_date('journeys.ended_at') }} as ended_date,
    journeys.touched_at,
    journeys.ended_at
from journeys
cross join conversion_types
inner join as_of on {{ business_date('journeys.ended_at') }} <= as_of.as_of_date
left join conversions
    on
        journeys.user_key = conversions.user_key
        and conversion_types.conversion_type = conversions.conversion_type
-- A conversion before it ended is one it led to, or one before it began.
where conversions.converted_at is null or conversions.converted_at >= journeys.ended_at
