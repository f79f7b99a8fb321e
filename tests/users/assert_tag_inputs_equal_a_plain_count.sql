-- Each state equals what orders, events and feedback up to its day add up to, counted row by row.
with inputs as (
    select * from {{ ref('user_tag_inputs') }}
),

orders as (
    select
        inputs.user_tag_input_key,
        count(distinct case when fct_orders.is_valid then fct_orders.order_date end) as purchases,
        coalesce(sum(fct_orders.net_revenue_amount), 0) as net_revenue_amount,
        max(case when fct_orders.is_valid then fct_orders.order_date end) as last_date
    from inputs
    left join {{ ref('fct_orders') }} as fct_orders
        on
            inputs.user_key = fct_orders.user_key
            and inputs.change_date >= fct_orders.order_date
    group by 1
),

events as (
    select
        inputs.user_tag_input_key,
        count(
            distinct case
                when
                    event_types.is_active_signal
                    and {{ days_between('fct_events.event_date', 'inputs.change_date') }} < 28
                    then fct_events.event_date
            end
        ) as active_days_28d,
        count(case when fct_events.event_type = 'complaint' then 1 end) as complaints,
        count(case when fct_events.event_type = 'message_clicked' then 1 end) as clicks
    from inputs
    left join {{ ref('fct_events') }} as fct_events
        on
            inputs.user_key = fct_events.user_key
            and inputs.change_date >= fct_events.event_date
    left join {{ ref('event_types') }} as event_types
        on fct_events.event_type = event_types.event_type
    group by 1
),

-- How often each sales channel was bought in, and when last.
channels as (
    select
        inputs.user_tag_input_key,
        int_purchases.sales_channel_key,
        count(*) as purchases,
        max(int_purchases.purchase_date) as last_date
    from inputs
    inner join {{ ref('int_purchases') }} as int_purchases
        on
            inputs.user_key = int_purchases.user_key
            and inputs.change_date >= int_purchases.purchase_date
    where int_purchases.sales_channel_key <> 'unknown'
    group by 1, 2
),

better as (
    select
        inputs.user_tag_input_key,
        count(*) as channel_count
    from inputs
    inner join channels as preferred
        on
            inputs.user_tag_input_key = preferred.user_tag_input_key
            and inputs.preferred_sales_channel_key = preferred.sales_channel_key
    inner join channels as others
        on
            inputs.user_tag_input_key = others.user_tag_input_key
            and (
                others.purchases > preferred.purchases
                or (
                    others.purchases = preferred.purchases
                    and others.last_date > preferred.last_date
                )
            )
    group by 1
)

select
    inputs.*,
    orders.purchases,
    orders.last_date,
    events.complaints,
    events.clicks,
    better.channel_count
from inputs
inner join orders on inputs.user_tag_input_key = orders.user_tag_input_key
inner join events on inputs.user_tag_input_key = events.user_tag_input_key
left join better on inputs.user_tag_input_key = better.user_tag_input_key
where
    inputs.purchase_count <> orders.purchases
    or inputs.net_revenue_amount <> orders.net_revenue_amount
    or inputs.last_purchase_date is distinct from orders.last_date
    or inputs.active_days_28d <> events.active_days_28d
    or inputs.complaint_count <> events.complaints
    or inputs.clicked_message_count <> events.clicks
    or better.channel_count > 0
    or (inputs.lifecycle_stage = 'prospect') <> (inputs.purchase_count = 0)
