-- One row per source table with money and currency: what of the accepted money stands in the marts.
-- Placed is in the currency as delivered, mart in the reporting currency, converted its unrounded value.
with order_items as (
    select * from {{ ref('int_order_items') }}
),

refunds as (
    select * from {{ ref('int_refunds_matched') }}
),

refund_lines as (
    select {{ key_of(["'shop'", "'refund_lines'", 'refund_line_id']) }} as refund_item_key from {{ ref('stg_shop__refund_lines') }}
),

ads as (
    select * from {{ ref('int_ad_performance') }} where row_status = 'accepted'
),

pos_parts as (
    select currency_code, net_original_amount as placed_amount, net_amount as mart_amount, rate
    from order_items
    where source_name = 'pos'
    union all
    select currency_code, -1 * refund_original_amount, -1 * refund_amount, rate from refunds where source_name = 'pos'
)

select
    'shop' as source_name,
    'order_lines' as table_name,
    currency_code,
    sum(gross_original_amount) as placed_amount,
    sum(gross_amount) as mart_amount,
    sum(gross_original_amount * rate) as converted_amount
from order_items
where source_name = 'shop'
group by 3
union all
select
    'shop',
    'refund_lines',
    coalesce(refunds.currency_code, orders.currency_code, 'unknown'),
    -1 * sum(refunds.refund_original_amount),
    -1 * sum(refunds.refund_amount),
    -1 * sum(refunds.refund_original_amount * refunds.rate)
from refunds
inner join refund_lines on refunds.refund_item_key = refund_lines.refund_item_key
left join {{ ref('int_orders') }} as orders on refunds.order_key = orders.order_key
group by 3
union all
select 'google_ads', 'campaign_stats', currency_code, sum(spend_original_amount), sum(spend_amount), sum(spend_original_amount * rate)
from ads
where platform = 'google_ads'
group by 3
union all
select 'pos', 'ticket_lines', currency_code, sum(placed_amount), sum(mart_amount), sum(placed_amount * rate)
from pos_parts
group by 3
