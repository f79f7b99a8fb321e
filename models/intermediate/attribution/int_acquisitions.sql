-- One row per person with a first purchase, and the channel that brought it.
-- Last non-direct touch within the channel's lookback before the first order, direct only when all
-- touches are; without a touch the channel it was bought in.
with orders as (
    select * from {{ ref('int_orders_identified') }} where purchase_number = 1
),

touchpoints as (
    select * from {{ ref('int_touchpoints') }}
),

channels as (
    select * from {{ ref('channels') }}
),

first_orders as (
    select
        user_key,
        order_key,
        sales_channel_key,
        ordered_at,
        order_date,
        row_number() over (partition by user_key order by ordered_at, order_key) as order_no
    from orders
),

touches as (
    select
        first_orders.user_key,
        touchpoints.channel_key,
        touchpoints.campaign_key,
        row_number() over (
            partition by first_orders.user_key
            order by
                case when touchpoints.channel_key = 'direct' then 1 else 0 end,
                touchpoints.touched_at desc, touchpoints.touchpoint_key desc
        ) as touch_no
    from first_orders
    inner join touchpoints on first_orders.user_key = touchpoints.user_key
    inner join channels on touchpoints.channel_key = channels.channel_key
    where
        first_orders.order_no = 1
        and touchpoints.touched_at <= first_orders.ordered_at
        and {{ seconds_between(
            'touchpoints.touched_at', 'first_orders.ordered_at'
        ) }} < coalesce(channels.lookback_days, 30) * 86400
)

select
    first_orders.user_key,
    first_orders.order_key as first_order_key,
    coalesce(touches.channel_key, first_orders.sales_channel_key) as acquisition_channel_key,
    coalesce(touches.campaign_key, 'unknown') as acquisition_campaign_key,
    first_orders.order_date as first_order_date
from first_orders
left join touches on first_orders.user_key = touches.user_key and touches.touch_no = 1
where first_orders.order_no = 1
