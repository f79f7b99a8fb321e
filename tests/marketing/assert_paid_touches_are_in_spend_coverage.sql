-- Every touch of a paid channel stands under one finding, and no other touch does.
with touches as (
    select count(*) as touch_count
    from {{ ref('fct_touchpoints') }} as touchpoints
    inner join {{ ref('dim_channels') }} as channels
        on touchpoints.channel_key = channels.channel_key
    where
        channels.is_paid
        and touchpoints.touch_date <= (
            select min(as_of.as_of_date) from {{ ref('dim_as_of') }} as as_of
            where as_of.metric_family in ('roi', 'activity')
        )
),

told as (
    select sum(touch_count) as touch_count from {{ ref('spend_coverage') }}
)

select told.touch_count, touches.touch_count as plain_touch_count
from told
cross join touches
where coalesce(told.touch_count, 0) <> touches.touch_count
