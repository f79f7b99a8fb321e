-- One row per new customer up to the as-of day: who won them, whether they came back, what they
-- were worth, what they sent back, and whether anything bad followed.
-- What takes a number of days is null until those have passed, so nobody counts before his time.
with as_of as (
    select as_of_date from {{ ref('int_as_of') }} where metric_family = 'orders'
),

customers as (
    select
        customers.*,
        {{ days_between('customers.first_order_date', 'as_of.as_of_date') }} as known_days
    from {{ ref('int_new_customers') }} as customers
    inner join as_of on customers.first_order_date <= as_of.as_of_date
    where customers.first_order_status = 'known'
),

acquisitions as (
    select * from {{ ref('int_acquisitions') }}
),

worth as (
    select
        user_key,
        max(case when horizon_days = 30 then net_revenue_amount end) as net_revenue_30d,
        max(case when horizon_days = 90 then net_revenue_amount end) as net_revenue_90d,
        max(case when horizon_days = 365 then net_revenue_amount end) as net_revenue_365d,
        max(case when horizon_days = 30 then margin_amount end) as margin_30d,
        max(case when horizon_days = 90 then margin_amount end) as margin_90d,
        max(case when horizon_days = 365 then margin_amount end) as margin_365d,
        max(case when horizon_days = 90 then costed_net_revenue_amount end) as costed_revenue_90d
    from {{ ref('int_cohort_values') }}
    group by 1
),

-- An order that came back whole is no valid order, and still one that was placed.
orders as (
    select
        orders.user_key,
        count(*) as placed_orders,
        count(case when orders.refund_amount > 0 or orders.is_fully_refunded then 1 end)
            as refunded_orders
    from {{ ref('int_orders_identified') }} as orders
    inner join as_of on orders.order_date <= as_of.as_of_date
    where
        orders.is_valid
        or orders.is_fully_refunded
        and orders.row_status = 'accepted'
        and orders.is_paid
        and not orders.is_test
        and not orders.is_staff
        and not orders.is_cancelled
    group by 1
),

bad_events as (
    select
        events.user_key,
        min(events.event_date) as bad_outcome_date
    from {{ ref('int_events_identified') }} as events
    inner join {{ ref('event_types') }} as types on events.event_type = types.event_type
    inner join customers on events.user_key = customers.user_key
    where types.is_bad_outcome and events.event_date >= customers.first_order_date
    group by 1
)

select
    customers.user_key,
    coalesce(acquisitions.acquisition_channel_key, 'unknown') as acquisition_channel_key,
    customers.known_days,
    customers.second_order_age_days,
    case when customers.known_days >= 30 then worth.net_revenue_30d end as net_revenue_30d,
    case when customers.known_days >= 90 then worth.net_revenue_90d end as net_revenue_90d,
    case when customers.known_days >= 365 then worth.net_revenue_365d end as net_revenue_365d,
    case when customers.known_days >= 30 then worth.margin_30d end as margin_30d,
    case when customers.known_days >= 90 then worth.margin_90d end as margin_90d,
    case when customers.known_days >= 365 then worth.margin_365d end as margin_365d,
    case when customers.known_days >= 90 then worth.costed_revenue_90d end as costed_revenue_90d,
    coalesce(orders.placed_orders, 0) as placed_orders,
    coalesce(orders.refunded_orders, 0) as refunded_orders,
    case
        when customers.known_days >= {{ var('bad_outcome_horizon_days') }}
            then coalesce(
                {{ days_between('customers.first_order_date', 'bad_events.bad_outcome_date') }}
                < {{ var('bad_outcome_horizon_days') }}, false
            )
    end as has_bad_outcome,
    customers.first_order_date
from customers
left join acquisitions on customers.user_key = acquisitions.user_key
left join worth on customers.user_key = worth.user_key
left join orders on customers.user_key = orders.user_key
left join bad_events on customers.user_key = bad_events.user_key
