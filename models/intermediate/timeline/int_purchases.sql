-- One row per person and business day with valid orders: a purchase.
-- Its time, order and sales channel are those of the day's first order. Margin is null when that of
-- any order is unknown.
with orders as (
    select * from {{ ref('int_orders_identified') }} where purchase_number is not null
),

margins as (
    select * from {{ ref('int_order_margins') }}
),

placed as (
    select
        orders.*,
        margins.margin_amount,
        row_number() over (
            partition by orders.user_key, orders.order_date
            order by orders.ordered_at, orders.order_key
        ) as order_no
    from orders
    inner join margins on orders.order_key = margins.order_key
)

select
    {{ key_of(['user_key', 'order_date']) }} as purchase_key,
    user_key,
    purchase_number,
    max(case when order_no = 1 then order_key end) as first_order_key,
    max(case when order_no = 1 then sales_channel_key end) as sales_channel_key,
    cast(count(*) as bigint) as order_count,
    sum(net_revenue_amount) as net_revenue_amount,
    case when count(margin_amount) = count(*) then sum(margin_amount) end as margin_amount,
    order_date as purchase_date,
    min(ordered_at) as purchased_at
from placed
group by user_key, order_date, purchase_number
