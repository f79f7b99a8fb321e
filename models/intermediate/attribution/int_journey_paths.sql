-- One row per journey that ended and way to tell its path of channels.
-- `collapsed`: repeats in a row are one step; `unique`: each channel at first sight. Of more than
-- 20 steps the first and the last 10 are told, with `...` between.
with touches as (
    select
        *,
        lag(channel_key) over (
            partition by conversion_type, journey_key order by touch_no
        ) as before_channel_key,
        row_number() over (
            partition by conversion_type, journey_key, channel_key order by touch_no
        ) as sight_no,
        min(touched_at) over (partition by conversion_type, journey_key) as first_touched_at
    from {{ ref('int_journeys_ended') }}
),

steps as (
    select touches.*, 'collapsed' as path_type
    from touches
    where before_channel_key is null or before_channel_key <> channel_key
    union all
    select touches.*, 'unique' from touches where sight_no = 1
),

numbered as (
    select
        *,
        row_number() over (
            partition by path_type, conversion_type, journey_key order by touch_no
        ) as step_no,
        count(*) over (partition by path_type, conversion_type, journey_key) as step_count
    from steps
),

told as (
    select
        *,
        case when step_count > 20 and step_no = 11 then '...' else channel_key end as step_name
    from numbered
    where step_no <= 11 or step_no > step_count - 10
)

select
    journey_key,
    conversion_type,
    path_type,
    {{ joined_in_order('step_name', ' > ', 'step_no') }} as journey_path,
    is_converted,
    ended_date,
    first_touched_at
from told
group by journey_key, conversion_type, path_type, is_converted, ended_date, first_touched_at
