-- The funnel's people, counted another way: each visitor once, at the touch before which there is
-- none, and buyers by the purchases themselves. Purchases are untold only where one of the month's
-- visitors may have bought before history began, and untold wherever only such people bought.
with as_of as (
    select min(as_of_date) as as_of_date
    from {{ ref('dim_as_of') }}
    where metric_family in ('roi', 'activity')
),

first_times as (
    select user_key, min(touched_at) as touched_at
    from {{ ref('fct_touchpoints') }}
    where user_key <> 'unknown'
    group by 1
),

visitors as (
    select
        first_times.user_key,
        min(touchpoints.touch_date) as visit_date
    from first_times
    inner join {{ ref('fct_touchpoints') }} as touchpoints
        on
            first_times.user_key = touchpoints.user_key
            and first_times.touched_at = touchpoints.touched_at
    group by 1
),

purchases as (
    select
        orders.user_key,
        orders.order_date,
        orders.purchase_number,
        users.first_order_status
    from {{ ref('fct_orders') }} as orders
    inner join {{ ref('dim_users') }} as users on orders.user_key = users.user_key
    where orders.is_valid and orders.purchase_number in (1, 2)
    group by 1, 2, 3, 4
),

prospects as (
    select
        visitors.user_key,
        {{ month_start('visitors.visit_date') }} as month_date,
        steps.step_name,
        {{ add_days('visitors.visit_date', 'steps.window_days') }} as window_date,
        case
            when steps.step_name = 'first_order' then 1 when steps.step_name = 'repeat_order' then 2
        end as purchase_number
    from visitors
    inner join as_of on visitors.visit_date <= as_of.as_of_date
    inner join {{ ref('funnel_steps') }} as steps
        on steps.step_name in ('visitor', 'first_order', 'repeat_order')
    where
        not exists (
            select 1 from purchases
            where
                purchases.user_key = visitors.user_key
                and purchases.order_date < visitors.visit_date
        )
),

plain as (
    select
        prospects.month_date,
        prospects.step_name,
        count(*) as base_count,
        count(
            case when prospects.step_name = 'visitor' or purchases.user_key is not null then 1 end
        ) as step_count,
        count(
            case when purchases.first_order_status = 'truncated' then 1 end
        ) as truncated_count
    from prospects
    inner join as_of on prospects.window_date <= as_of.as_of_date
    left join purchases
        on
            prospects.user_key = purchases.user_key
            and prospects.purchase_number = purchases.purchase_number
            and prospects.window_date >= purchases.order_date
    group by 1, 2
),

told as (
    select
        month_date,
        step_name,
        sum(base_count) as base_count,
        coalesce(sum(step_count), 0) as step_count,
        count(*) - count(step_count) as untold_count
    from {{ ref('conversion_funnel') }}
    where step_name in ('visitor', 'first_order', 'repeat_order') and base_count > 0
    group by 1, 2
)

select
    coalesce(told.month_date, plain.month_date) as month_date,
    coalesce(told.step_name, plain.step_name) as step_name,
    told.base_count,
    plain.base_count as plain_base_count,
    told.step_count,
    plain.step_count as plain_step_count
from told
full outer join plain
    on told.month_date = plain.month_date and told.step_name = plain.step_name
where
    coalesce(told.base_count, 0) <> coalesce(plain.base_count, 0)
    or (told.untold_count = 0 and told.step_count <> coalesce(plain.step_count, 0))
    or (plain.truncated_count > 0 and told.untold_count = 0)
    or told.step_count > plain.step_count - plain.truncated_count
