-- Whoever leaves or stays in a stage of the month before, and whoever comes to one of the month,
-- are the customers of both months' segments; channels of a stage are all its customers and money.
with stages as (
    select
        month_date,
        lifecycle_stage,
        count(*) as customers,
        sum(net_revenue_amount) as net_revenue_amount
    from {{ ref('user_segments') }}
    group by 1, 2
),

arrived as (
    select
        month_date,
        to_lifecycle_stage as lifecycle_stage,
        sum(migrated_customers) as customers
    from {{ ref('segment_migration') }}
    group by 1, 2
),

departed as (
    select
        {{ add_months('month_date', -1) }} as month_date,
        from_lifecycle_stage as lifecycle_stage,
        sum(migrated_customers) as customers
    from {{ ref('segment_migration') }}
    where from_lifecycle_stage <> 'none'
    group by 1, 2
),

channels as (
    select
        month_date,
        lifecycle_stage,
        sum(customers) as customers,
        sum(net_revenue_amount) as net_revenue_amount
    from {{ ref('segment_channels') }}
    group by 1, 2
),

last_month as (
    select max(month_date) as last_month_date from stages
)

select
    stages.*,
    arrived.customers as arrived_customers,
    departed.customers as departed_customers,
    channels.customers as channel_customers
from stages
cross join last_month
left join arrived
    on
        stages.month_date = arrived.month_date
        and stages.lifecycle_stage = arrived.lifecycle_stage
left join departed
    on
        stages.month_date = departed.month_date
        and stages.lifecycle_stage = departed.lifecycle_stage
left join channels
    on
        stages.month_date = channels.month_date
        and stages.lifecycle_stage = channels.lifecycle_stage
where
    stages.customers is distinct from arrived.customers
    or stages.customers is distinct from channels.customers
    or stages.net_revenue_amount is distinct from channels.net_revenue_amount
    or (
        stages.month_date < last_month.last_month_date
        and stages.customers is distinct from departed.customers
    )
