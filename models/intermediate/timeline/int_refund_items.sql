-- One row per part of a refund of every sales source, with the rule that finds what it refunds.
-- Named item, named order and item, named order alone, buyer and item, or nothing: an orphan.
with parts as (
    select * from {{ ref('int_all__refund_items') }}
),

-- A refund of a sale that counts elsewhere restates the order that counts.
refunds as (
    select
        parts.*,
        coalesce(elsewhere.counted_order_key, parts.order_key) as counted_key
    from parts
    left join {{ ref('int_orders') }} as elsewhere on parts.order_key = elsewhere.order_key
),

items as (
    select order_item_key, order_key from {{ ref('int_order_items') }}
),

order_skus as (
    select distinct order_key, sku from {{ ref('int_order_items') }}
),

orders as (
    select distinct order_key from {{ ref('int_order_items') }}
)

select
    refunds.refund_item_key,
    refunds.refund_key,
    refunds.source_name,
    coalesce(items.order_key, orders.order_key) as order_key,
    items.order_item_key,
    refunds.sku,
    refunds.piece_count,
    refunds.is_restocked,
    refunds.refund_original_amount,
    refunds.currency_code,
    case
        when items.order_item_key is not null then 'named_item'
        when order_skus.order_key is not null and refunds.piece_count > 0
            then 'named_order_and_item'
        when orders.order_key is not null then 'named_order'
        when
            refunds.counted_key is null
            and refunds.buyer_id is not null
            and refunds.sku is not null
            and refunds.piece_count > 0
            then 'buyer_and_item'
        else 'orphan'
    end as match_rule,
    case
        when order_skus.order_key is not null then refunds.counted_key
        else refunds.source_name || ':' || refunds.buyer_id
    end || '|' || refunds.sku as queue_key,
    refunds.refunded_at,
    refunds.load_no
from refunds
left join items
    on
        refunds.order_item_key = items.order_item_key
        and coalesce(refunds.counted_key, items.order_key) = items.order_key
left join order_skus on refunds.counted_key = order_skus.order_key and refunds.sku = order_skus.sku
left join orders on refunds.counted_key = orders.order_key
