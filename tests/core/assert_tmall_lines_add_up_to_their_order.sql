-- The lines of a Tmall order are worth, to the cent, what the order's goods cost, unless the order
-- costs more than the lines that came and pieces are missing, or the vendor has split it already.
-- A refund gives back no more than it says, and at most the order's shipping less.
with items as (
    select
        order_key,
        sum(piece_count) as piece_count,
        sum(net_original_amount) as net_original_amount
    from {{ ref('int_order_items') }}
    where source_name = 'tmall'
    group by 1
),

lines as (
    select
        order_id,
        sum(line_original_amount) as line_original_amount,
        min(case when has_share then 1 else 0 end) as is_shared
    from {{ ref('stg_tmall__order_details') }}
    group by 1
),

orders as (
    select * from {{ ref('stg_tmall__orders') }}
),

refunds as (
    select * from {{ ref('stg_tmall__refunds') }} where is_refunded
)

select
    orders.order_id as record_id,
    orders.goods_original_amount as told_amount,
    items.net_original_amount as found_amount
from orders
inner join lines on orders.order_id = lines.order_id
inner join items on {{ key_of(["'tmall'", "'orders'", 'orders.order_id']) }} = items.order_key
where
    lines.is_shared = 0
    and (
        orders.goods_original_amount <= lines.line_original_amount
        or orders.piece_count = items.piece_count
    )
    and abs(orders.goods_original_amount - items.net_original_amount) >= 0.01
union all
select
    refunds.refund_id as record_id,
    refunds.refund_original_amount as told_amount,
    parts.refund_original_amount as found_amount
from refunds
left join {{ ref('int_refund_items') }} as parts
    on {{ key_of(["'tmall'", "'refunds'", 'refunds.refund_id']) }} = parts.refund_key
left join orders on {{ key_of(["'tmall'", "'orders'", 'orders.order_id']) }} = parts.order_key
where
    parts.refund_key is null
    or parts.refund_original_amount > refunds.refund_original_amount
    or parts.refund_original_amount
    < refunds.refund_original_amount - coalesce(orders.shipping_original_amount, 0)
