-- One row per thing a person did or received, all sources in one shape, not yet given to people.
-- An order's amount is its item value when ordered; refunds are events of their own.
with orders as (
    select * from {{ ref('int_orders') }} where row_status = 'accepted'
),

item_totals as (
    select
        order_key,
        sum(net_amount) as net_amount,
        max(load_no) as load_no
    from {{ ref('int_order_items') }}
    group by 1
),

refunds as (
    select
        refund_key,
        source_name,
        max(order_key) as order_key,
        sum(refund_amount) as refund_amount,
        max(refunded_at) as refunded_at,
        max(load_no) as load_no
    from {{ ref('int_refunds_matched') }}
    group by 1, 2
)

select * from {{ ref('int_all__events') }}
union all
select
    orders.order_key as event_key,
    orders.order_key as record_key,
    orders.source_name,
    'order',
    orders.sales_channel_key,
    null,
    null,
    orders.order_key,
    coalesce(item_totals.net_amount, 0),
    orders.ordered_at,
    orders.load_no
from orders
left join item_totals on orders.order_key = item_totals.order_key
where not orders.is_test
union all
select
    {{ key_of(["'refund'", 'refunds.refund_key']) }},
    coalesce(orders.order_key, refunds.refund_key),
    refunds.source_name,
    'refund',
    coalesce(orders.sales_channel_key, 'unknown'),
    null,
    null,
    refunds.order_key,
    refunds.refund_amount,
    refunds.refunded_at,
    refunds.load_no
from refunds
left join orders on refunds.order_key = orders.order_key
