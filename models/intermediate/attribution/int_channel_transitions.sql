-- One row per month, type of conversion and step from channel to channel, with its number.
-- A journey enters from `(start)` and leaves to `(conversion)` or `(nothing)`, in the month it
-- ended; repeats of a channel in a row are one step.
with touches as (
    select
        *,
        {{ month_start('ended_date') }} as month_date
    from {{ ref('int_journeys_ended') }}
    where conversion_type <> 'repeat_order'
),

followed as (
    select
        *,
        coalesce(lag(channel_key) over (
            partition by conversion_type, journey_key order by touch_no
        ), '(start)') as before_channel_key
    from touches
),

steps as (
    select
        conversion_type,
        before_channel_key as from_channel_key,
        channel_key as to_channel_key,
        month_date
    from followed
    where before_channel_key <> channel_key
    union all
    select
        conversion_type,
        channel_key,
        case when is_converted then '(conversion)' else '(nothing)' end,
        month_date
    from followed
    where touch_no = touch_count
)

select
    conversion_type,
    from_channel_key,
    to_channel_key,
    cast(count(*) as bigint) as step_count,
    month_date
from steps
group by conversion_type, from_channel_key, to_channel_key, month_date
