-- One row per paid refund of Tmall, on the line it names or on the order.
-- Shipping goes back whole or not at all; when the rest still pays for the goods, it is not in it.
with refunds as (
    select * from {{ ref('stg_tmall__refunds') }} where is_refunded
),

lines as (
    select * from {{ ref('stg_tmall__order_details') }}
),

orders as (
    select * from {{ ref('stg_tmall__orders') }}
),

items as (
    select
        order_item_key,
        order_key,
        piece_count,
        gross_original_amount - discount_original_amount as net_original_amount,
        count(*) over (partition by order_key) as item_count
    from {{ ref('int_tmall__order_items') }}
),

order_items as (
    select order_key, sum(net_original_amount) as net_original_amount from items group by 1
),

-- The only line of an order with this code.
coded as (
    select order_id, sku, min(order_line_id) as order_line_id
    from lines
    where sku is not null
    group by 1, 2
    having count(*) = 1
),

-- Reports without a line's number may write it where the order's belongs.
named as (
    select
        refunds.*,
        coalesce(lines.order_id, refunds.order_id) as refund_order_id,
        coalesce(lines.order_line_id, coded.order_line_id) as refund_line_id
    from refunds
    left join lines on coalesce(refunds.order_line_id, refunds.order_id) = lines.order_line_id
    left join coded on refunds.order_id = coded.order_id and refunds.sku = coded.sku
),

measured as (
    select
        named.*,
        items.piece_count,
        items.item_count,
        items.net_original_amount as line_net_amount,
        coalesce(items.net_original_amount, order_items.net_original_amount) as net_original_amount,
        orders.shipping_original_amount
    from named
    left join items
        on
            {{ key_of(["'tmall'", "'order_details'", 'named.refund_line_id']) }}
            = items.order_item_key
    left join order_items
        on {{ key_of(["'tmall'", "'orders'", 'named.refund_order_id']) }} = order_items.order_key
    left join orders on named.refund_order_id = orders.order_id
),

-- The vendor splits an order's discount by a rule of its own, so its lines may differ by a cent.
goods as (
    select
        *,
        refund_original_amount - case
            when
                refund_original_amount - shipping_original_amount
                >= net_original_amount - coalesce(item_count, 0) * cast(0.01 as decimal(3, 2))
                then shipping_original_amount
            else 0
        end as goods_original_amount
    from measured
)

select
    {{ key_of(["'tmall'", "'refunds'", 'refund_id']) }} as refund_item_key,
    {{ key_of(["'tmall'", "'refunds'", 'refund_id']) }} as refund_key,
    'tmall' as source_name,
    {{ key_of(["'tmall'", "'orders'", 'refund_order_id']) }} as order_key,
    case
        when refund_line_id is not null
            then {{ key_of(["'tmall'", "'order_details'", 'refund_line_id']) }}
    end as order_item_key,
    buyer_nick as buyer_id,
    sku,
    -- Nobody says how many pieces came back: as many as the money stands for.
    cast(case
        when not is_restocked or line_net_amount is null then 0
        when line_net_amount <= 0 then piece_count
        else least(piece_count, greatest(
            1, round(piece_count * goods_original_amount / line_net_amount, 0)
        ))
    end as bigint) as piece_count,
    is_restocked,
    goods_original_amount as refund_original_amount,
    '{{ declared("tmall", "refunds", "refund_fee", "unit") }}' as currency_code,
    refunded_at,
    load_no
from goods
