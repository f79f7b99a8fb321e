-- One row per item line of an agreed refund of the delivery platform, or the refund without lines.
-- Goods that were delivered are not sold again, so none of it is restocked.
with refunds as (
    select * from {{ ref('stg_delivery__refunds') }} where is_refunded
),

lines as (
    select * from {{ ref('stg_delivery__refund_items') }}
),

parts as (
    select
        {{ key_of(["'delivery'", "'refund_items'", 'lines.refund_item_id']) }} as refund_item_key,
        lines.refund_id,
        lines.sku,
        lines.piece_count,
        lines.refund_original_amount,
        lines.load_no
    from lines
    inner join refunds on lines.refund_id = refunds.refund_id
    union all
    select
        {{ key_of(["'delivery'", "'refunds'", 'refund_id']) }},
        refund_id,
        null,
        0,
        refund_original_amount,
        load_no
    from refunds
    where not has_items
)

select
    parts.refund_item_key,
    {{ key_of(["'delivery'", "'refunds'", 'refunds.refund_id']) }} as refund_key,
    'delivery' as source_name,
    {{ key_of(["'delivery'", "'orders'", 'refunds.order_id']) }} as order_key,
    cast(null as varchar(32)) as order_item_key,
    cast(null as varchar(200)) as buyer_id,
    parts.sku,
    parts.piece_count,
    false as is_restocked,
    parts.refund_original_amount,
    '{{ declared("delivery", "refunds", "money", "unit") }}' as currency_code,
    refunds.refunded_at,
    parts.load_no
from parts
inner join refunds on parts.refund_id = refunds.refund_id
