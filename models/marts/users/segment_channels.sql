-- One row per month, lifecycle stage and acquisition channel with customers in it at its end.
-- Which channels' customers stay and which lapse. Money is all that they brought so far, not only
-- in the month.
with segments as (
    select * from {{ ref('user_segments') }}
),

people as (
    select * from {{ ref('dim_users') }}
),

counted as (
    select
        segments.month_date,
        segments.is_complete,
        segments.lifecycle_stage,
        people.acquisition_channel_key,
        count(*) as customers,
        sum(segments.purchase_count) as purchase_count,
        sum(segments.net_revenue_amount) as net_revenue_amount
    from segments
    inner join people on segments.user_key = people.user_key
    group by 1, 2, 3, 4
),

totals as (
    select
        *,
        sum(customers) over stage as stage_customers,
        sum(net_revenue_amount) over stage as stage_net_revenue_amount
    from counted
    window stage as (partition by month_date, lifecycle_stage)
)

select
    {{ key_of(['month_date', 'lifecycle_stage', 'acquisition_channel_key']) }}
        as segment_channels_key,
    acquisition_channel_key,
    lifecycle_stage,
    cast(customers as bigint) as customers,
    cast(stage_customers as bigint) as stage_customers,
    {{ ratio('customers', 'stage_customers') }} as customer_share,
    cast(purchase_count as bigint) as purchase_count,
    cast(net_revenue_amount as decimal(18, 2)) as net_revenue_amount,
    cast(stage_net_revenue_amount as decimal(18, 2)) as stage_net_revenue_amount,
    {{ ratio('net_revenue_amount', 'stage_net_revenue_amount') }} as revenue_share,
    is_complete,
    month_date
from totals
