-- Who was active in 28 days up to yesterday, and came, less who left, is who is today.
with days as (
    select
        *,
        lag(active_users_28d) over (
            partition by sales_channel_key order by activity_date
        ) as users_before
    from {{ ref('active_users') }}
)

select sales_channel_key, activity_date
from days
where
    active_users_28d <> users_before + new_users_1d + reactivated_users_1d - lapsed_users_1d
    or active_users_1d <> new_users_1d + returning_users_1d + reactivated_users_1d
