-- One row per part of a refund of the mall: its item lines, and what it gave back beyond them.
-- Shipping given back never touches revenue.
with refunds as (
    select * from {{ ref('stg_shop__refunds') }}
),

lines as (
    select * from {{ ref('stg_shop__refund_lines') }}
),

line_totals as (
    select refund_id, sum(refund_original_amount) as refund_original_amount from lines group by 1
),

parts as (
    select
        {{ key_of(["'shop'", "'refund_lines'", 'lines.refund_line_id']) }} as refund_item_key,
        refunds.refund_id,
        lines.order_line_id,
        lines.sku,
        lines.piece_count,
        lines.is_restocked,
        lines.refund_original_amount,
        lines.load_no
    from lines
    inner join refunds on lines.refund_id = refunds.refund_id
    union all
    select
        {{ key_of(["'shop'", "'refunds'", 'refunds.refund_id']) }},
        refunds.refund_id,
        null,
        null,
        0,
        false,
        refunds.refund_original_amount - refunds.shipping_original_amount - coalesce(
            line_totals.refund_original_amount, 0
        ),
        refunds.load_no
    from refunds
    left join line_totals on refunds.refund_id = line_totals.refund_id
    where refunds.refund_original_amount - refunds.shipping_original_amount <> coalesce(
        line_totals.refund_original_amount, 0
    )
)

select
    parts.refund_item_key,
    {{ key_of(["'shop'", "'refunds'", 'refunds.refund_id']) }} as refund_key,
    'shop' as source_name,
    case
        when refunds.order_id is not null
            then {{ key_of(["'shop'", "'orders'", 'refunds.order_id']) }}
    end as order_key,
    case
        when parts.order_line_id is not null
            then {{ key_of(["'shop'", "'order_lines'", 'parts.order_line_id']) }}
    end as order_item_key,
    refunds.customer_id as buyer_id,
    parts.sku,
    parts.piece_count,
    parts.is_restocked,
    parts.refund_original_amount,
    refunds.currency_code,
    refunds.refunded_at,
    parts.load_no
from parts
inner join refunds on parts.refund_id = refunds.refund_id
