-- One row per business day and sales channel (and `all`): people active in 1, 7 and 28 days to it.
-- Counted by steps: active from a day of activity until its window ends or the next such day. And
-- who came and went: active_28d = that of the day before + new + reactivated - lapsed.
with as_of as (
    select as_of_date from {{ ref('dim_as_of') }} where metric_family = 'activity'
),

active_days as (
    select
        active_days.*,
        dim_users.is_identified,
        case when dim_users.is_identified then active_days.arrival_type end as arrival,
        case
            when dim_users.is_identified and active_days.lapsed_date is not null then 'lapsed'
        end as departure
    from {{ ref('int_active_days') }} as active_days
    inner join {{ ref('dim_users') }} as dim_users on active_days.user_key = dim_users.user_key
),

windows as (
    select 1 as window_days union all select 7 union all select 28
),

first_days as (
    select
        sales_channel_key, min(activity_date) as first_date,
        {{ add_days(
            'coalesce(min(recorded_date), min(activity_date))', var('newness_lookback_days')
        ) }} as new_after_date
    from active_days
    group by 1
),

steps as (
    select
        active_days.sales_channel_key,
        active_days.is_identified,
        windows.window_days,
        active_days.activity_date as step_date,
        case when windows.window_days = 28 then active_days.arrival end as move,
        1 as step
    from active_days
    cross join windows
    union all
    select
        active_days.sales_channel_key,
        active_days.is_identified,
        windows.window_days,
        least(
            {{ add_days('active_days.activity_date', 'windows.window_days') }},
            coalesce(active_days.next_activity_date, cast('9999-12-31' as date))
        ),
        case when windows.window_days = 28 then active_days.departure end,
        -1
    from active_days
    cross join windows
    union all
    select first_days.sales_channel_key, false, 0, dim_dates.date_day, null, 0
    from first_days
    inner join {{ ref('dim_dates') }} as dim_dates on first_days.first_date <= dim_dates.date_day
),

days as (
    select
        sales_channel_key,
        step_date,
        sum(case when window_days = 1 and is_identified then step else 0 end) as users_1d,
        sum(case when window_days = 7 and is_identified then step else 0 end) as users_7d,
        sum(case when window_days = 28 and is_identified then step else 0 end) as users_28d,
        sum(case when window_days = 1 then step else 0 end) as visitors_1d,
        sum(case when window_days = 7 then step else 0 end) as visitors_7d,
        sum(case when window_days = 28 then step else 0 end) as visitors_28d,
        count(case when move = 'new' then 1 end) as new_users,
        count(case when move = 'returning' then 1 end) as returning_users,
        count(case when move = 'reactivated' then 1 end) as reactivated_users,
        count(case when move = 'lapsed' then 1 end) as lapsed_users
    from steps
    group by 1, 2
),

running as (
    select
        sales_channel_key,
        step_date as activity_date,
        cast(sum(users_1d) over channel as bigint) as active_users_1d,
        cast(sum(users_7d) over channel as bigint) as active_users_7d,
        cast(sum(users_28d) over channel as bigint) as active_users_28d,
        cast(sum(visitors_1d) over channel as bigint) as visitors_1d,
        cast(sum(visitors_7d) over channel as bigint) as visitors_7d,
        cast(sum(visitors_28d) over channel as bigint) as visitors_28d,
        new_users,
        returning_users,
        reactivated_users,
        lapsed_users
    from days
    window channel as (partition by sales_channel_key order by step_date)
)

select
    {{ key_of(['running.activity_date', 'running.sales_channel_key']) }} as active_users_key,
    running.sales_channel_key,
    running.active_users_1d,
    running.active_users_7d,
    running.active_users_28d,
    running.visitors_1d,
    running.visitors_7d,
    running.visitors_28d,
    case when running.activity_date > first_days.new_after_date then running.new_users end
        as new_users_1d,
    case when running.activity_date > first_days.new_after_date then running.returning_users end
        as returning_users_1d,
    case when running.activity_date > first_days.new_after_date then running.reactivated_users end
        as reactivated_users_1d,
    case when running.activity_date > first_days.new_after_date then running.lapsed_users end
        as lapsed_users_1d,
    {{ ratio('running.active_users_1d', 'running.active_users_28d') }} as stickiness_rate,
    running.activity_date
from running
inner join as_of on running.activity_date <= as_of.as_of_date
inner join first_days on running.sales_channel_key = first_days.sales_channel_key
