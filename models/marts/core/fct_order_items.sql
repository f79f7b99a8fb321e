-- One row per item line of every order, with what was refunded on it.
-- Net revenue is 0 on orders that do not count; sums over items equal sums over orders.
with items as (
    select * from {{ ref('int_order_items') }}
),

orders as (
    select * from {{ ref('int_orders_identified') }}
),

costs as (
    select * from {{ ref('int_item_costs') }}
),

refunds as (
    select order_item_key, sum(refund_amount) as refund_amount
    from {{ ref('int_refunds_matched') }}
    where order_item_key is not null
    group by 1
)

select
    items.order_item_key,
    items.order_key,
    orders.user_key,
    orders.sales_channel_key,
    case
        when items.sku is not null then {{ key_of(["'product'", 'items.sku']) }}
        else 'unknown'
    end as product_key,
    items.source_name,
    items.currency_code,
    cast(items.piece_count as bigint) as piece_count,
    cast(items.net_original_amount as decimal(18, 4)) as net_original_amount,
    cast(items.gross_amount as decimal(18, 2)) as gross_amount,
    cast(items.gross_amount - items.net_amount as decimal(18, 2)) as discount_amount,
    cast(items.net_amount as decimal(18, 2)) as net_amount,
    cast(coalesce(refunds.refund_amount, 0) as decimal(18, 2)) as refund_amount,
    cast(
        case
            when orders.is_valid then items.net_amount - coalesce(refunds.refund_amount, 0)
            else 0
        end as decimal(18, 2)
    ) as net_revenue_amount,
    cast(
        case when orders.is_valid then costs.cost_amount else 0 end as decimal(18, 2)
    ) as cost_amount,
    orders.is_valid,
    orders.order_date
from items
inner join orders on items.order_key = orders.order_key
inner join costs on items.order_item_key = costs.order_item_key
left join refunds on items.order_item_key = refunds.order_item_key
