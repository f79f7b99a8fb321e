-- One row per person who ever came by a touch of a marketing channel: the first one, and when each
-- step after it was taken.
-- Registered before it counts as registered; considering begins with it. Whoever had bought before
-- was won elsewhere, and is marked.
with touchpoints as (
    select * from {{ ref('int_touchpoints') }} where user_key <> 'unknown'
),

customers as (
    select * from {{ ref('int_new_customers') }}
),

ranked as (
    select
        *,
        row_number() over (partition by user_key order by touched_at, touchpoint_key) as visit_no
    from touchpoints
),

visits as (
    select * from ranked where visit_no = 1
),

steps as (
    select
        visits.user_key,
        min(case when types.stage = 'register' then events.event_date end) as register_date,
        min(case when types.stage = 'consider' then events.event_date end) as consider_date
    from visits
    inner join {{ ref('int_events_identified') }} as events on visits.user_key = events.user_key
    inner join {{ ref('event_types') }} as types on events.event_type = types.event_type
    where
        types.initiator = 'person'
        and (
            types.stage = 'register'
            or (types.stage = 'consider' and events.occurred_at >= visits.touched_at)
        )
    group by 1
)

select
    visits.user_key,
    visits.channel_key,
    visits.campaign_key,
    coalesce(customers.first_order_status, 'none') as first_order_status,
    coalesce(customers.first_order_date < visits.touch_date, false) as is_customer_before,
    visits.touch_date as visit_date,
    steps.register_date,
    steps.consider_date,
    customers.first_order_date,
    customers.second_order_date
from visits
left join steps on visits.user_key = steps.user_key
left join customers on visits.user_key = customers.user_key
