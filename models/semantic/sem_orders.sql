-- One row per order of every sales source, with the channel that acquired its buyer.
-- Metrics that divide money by spend need both by one channel, and a metric joins no further.
with orders as (
    select * from {{ ref('fct_orders') }}
),

users as (
    select * from {{ ref('dim_users') }}
)

select
    orders.order_key,
    orders.user_key,
    orders.sales_channel_key,
    users.acquisition_channel_key,
    orders.source_name,
    orders.order_status,
    orders.purchase_number,
    orders.net_revenue_amount,
    orders.margin_amount,
    orders.is_valid,
    orders.order_date
from orders
inner join users on orders.user_key = users.user_key
