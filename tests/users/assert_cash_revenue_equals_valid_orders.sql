-- The cash clock holds every valid order up to the as-of day exactly once.
with orders as (
    select sum(orders.net_revenue_amount) as amount, count(*) as order_count
    from {{ ref('fct_orders') }} as orders
    inner join {{ ref('dim_as_of') }} as as_of
        on
            as_of.metric_family = 'roi'
            and orders.order_date <= as_of.as_of_date
    where orders.is_valid
),

roi as (
    select
        sum(cash_net_revenue_amount) as amount,
        sum(cash_orders) as order_count
    from {{ ref('channel_roi') }}
)

select orders.amount, roi.amount as roi_amount
from orders
cross join roi
where
    coalesce(orders.amount, 0) <> coalesce(roi.amount, 0)
    or orders.order_count <> coalesce(roi.order_count, 0)
