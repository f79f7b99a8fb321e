-- What channel_quality counts customer by customer is what the marts of each figure say of all
-- months, and what plain counts of orders and events come to.
with repeats as (
    select
        acquisition_channel_key,
        sum(case when horizon_days = 7 then new_customers end) as new_customers,
        sum(case when horizon_days = 7 then repeat_customers end) as repeat_7d,
        sum(case when horizon_days = 30 then mature_customers end) as mature_30d,
        sum(case when horizon_days = 30 then repeat_customers end) as repeat_30d,
        sum(case when horizon_days = 90 then repeat_customers end) as repeat_90d
    from {{ ref('repeat_rate') }}
    group by 1
),

worth as (
    select
        acquisition_channel_key,
        sum(case when horizon_days = 30 then net_revenue_amount end) as net_revenue_30d,
        sum(case when horizon_days = 90 then margin_amount end) as margin_90d,
        sum(case when horizon_days = 365 then net_revenue_amount end) as net_revenue_365d
    from {{ ref('ltv_cohorts') }}
    group by 1
),

as_of as (
    select as_of_date from {{ ref('dim_as_of') }} where metric_family = 'orders'
),

customers as (
    select users.user_key, users.acquisition_channel_key, users.first_order_date, as_of.as_of_date
    from {{ ref('dim_users') }} as users
    inner join as_of on users.first_order_date <= as_of.as_of_date
    where users.first_order_status = 'known'
),

orders as (
    select
        customers.acquisition_channel_key,
        count(*) as placed_orders,
        count(
            case
                when orders.refund_amount > 0 or orders.order_status = 'fully_refunded' then 1
            end
        ) as refunded_orders
    from customers
    inner join {{ ref('fct_orders') }} as orders
        on customers.user_key = orders.user_key and customers.as_of_date >= orders.order_date
    where orders.order_status in ('valid', 'fully_refunded')
    group by 1
),

bad as (
    select
        customers.acquisition_channel_key,
        count(distinct customers.user_key) as customers
    from customers
    inner join {{ ref('fct_events') }} as events
        on
            customers.user_key = events.user_key
            and customers.first_order_date <= events.event_date
            and events.event_date < {{ add_days(
                'customers.first_order_date', var('bad_outcome_horizon_days')
            ) }}
    where
        events.event_type in ('refund', 'complaint', 'default')
        and {{ add_days(
            'customers.first_order_date', var('bad_outcome_horizon_days')
        ) }} <= customers.as_of_date
    group by 1
),

told as (
    select * from {{ ref('channel_quality') }} where acquisition_channel_key <> 'all'
)

select told.*
from told
left join repeats on told.acquisition_channel_key = repeats.acquisition_channel_key
left join worth on told.acquisition_channel_key = worth.acquisition_channel_key
left join orders on told.acquisition_channel_key = orders.acquisition_channel_key
left join bad on told.acquisition_channel_key = bad.acquisition_channel_key
where
    told.new_customers <> coalesce(repeats.new_customers, 0)
    or coalesce(told.repeat_7d_customers, 0) <> coalesce(repeats.repeat_7d, 0)
    or told.mature_30d_customers <> coalesce(repeats.mature_30d, 0)
    or coalesce(told.repeat_30d_customers, 0) <> coalesce(repeats.repeat_30d, 0)
    or coalesce(told.repeat_90d_customers, 0) <> coalesce(repeats.repeat_90d, 0)
    or coalesce(told.net_revenue_30d_amount, 0) <> coalesce(worth.net_revenue_30d, 0)
    or coalesce(told.margin_90d_amount, 0) <> coalesce(worth.margin_90d, 0)
    or coalesce(told.net_revenue_365d_amount, 0) <> coalesce(worth.net_revenue_365d, 0)
    or told.placed_orders <> coalesce(orders.placed_orders, 0)
    or told.refunded_orders <> coalesce(orders.refunded_orders, 0)
    or coalesce(told.bad_outcome_customers, 0) <> coalesce(bad.customers, 0)
    or not coalesce(told.repeat_90d_rate, 0)
    between coalesce(told.repeat_90d_low_rate, 0) and coalesce(told.repeat_90d_high_rate, 0)
union all
-- `all` is the sum of the channels, and nobody is lost.
select totals.*
from {{ ref('channel_quality') }} as totals
where
    totals.acquisition_channel_key = 'all'
    and (
        totals.new_customers <> (select sum(told.new_customers) from told)
        or totals.new_customers <> (select count(*) from customers)
        or totals.spend <> (select sum(told.spend) from told)
        or totals.lapsed_customers <> (select sum(told.lapsed_customers) from told)
        or totals.lapsed_customers <> (
            select count(distinct lapses.user_key)
            from {{ ref('user_lifecycle') }} as lapses
            inner join customers on lapses.user_key = customers.user_key
            where lapses.is_current and lapses.lifecycle_stage = 'lapsed'
        )
    )
