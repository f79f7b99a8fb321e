-- One row per part of accepted money that stands in the marts: as delivered, converted, rounded.
-- Conversion happens once, at the line; rounding to the cent is the only difference it makes.
{{ config(materialized='view') }}

with items as (
    select * from {{ ref('int_order_items') }}
),

refunds as (
    select * from {{ ref('int_refunds_matched') }}
),

shop_refund_lines as (
    select
        {{ key_of(["'shop'", "'refund_lines'", 'lines.refund_line_id']) }} as refund_item_key,
        coalesce(refunds.currency_code, orders.currency_code, 'unknown') as currency_code
    from {{ ref('stg_shop__refund_lines') }} as lines
    left join {{ ref('stg_shop__refunds') }} as refunds on lines.refund_id = refunds.refund_id
    left join {{ ref('stg_shop__orders') }} as orders on refunds.order_id = orders.order_id
)

select
    order_item_key as part_key,
    'shop' as source_name,
    'order_lines' as table_name,
    currency_code,
    cast(gross_original_amount as decimal(28, 6)) as original_amount,
    cast(gross_original_amount * rate as decimal(28, 6)) as converted_amount,
    cast(gross_amount as decimal(28, 6)) as mart_amount
from items
where source_name = 'shop'
union all
select
    refunds.refund_part_key,
    'shop',
    'refund_lines',
    shop_refund_lines.currency_code,
    cast(-1 * refunds.refund_original_amount as decimal(28, 6)),
    cast(-1 * refunds.refund_original_amount * refunds.rate as decimal(28, 6)),
    -1 * refunds.refund_amount
from refunds
inner join shop_refund_lines on refunds.refund_item_key = shop_refund_lines.refund_item_key
union all
select
    order_item_key, 'pos', 'ticket_lines', currency_code,
    cast(net_original_amount as decimal(28, 6)),
    cast(net_original_amount * rate as decimal(28, 6)),
    net_amount
from items
where source_name = 'pos'
union all
select
    refund_part_key, 'pos', 'ticket_lines', currency_code,
    cast(-1 * refund_original_amount as decimal(28, 6)),
    cast(-1 * refund_original_amount * rate as decimal(28, 6)),
    -1 * refund_amount
from refunds
where source_name = 'pos'
union all
select
    ad_row_key, platform, table_name, currency_code,
    cast(spend_original_amount as decimal(28, 6)),
    cast(spend_original_amount * rate as decimal(28, 6)),
    spend_amount
from {{ ref('int_ad_performance') }}
where row_status = 'accepted'
union all
select
    order_item_key, 'tmall', 'order_details', currency_code,
    cast(gross_original_amount as decimal(28, 6)),
    cast(gross_original_amount * rate as decimal(28, 6)),
    gross_amount
from items
where source_name = 'tmall'
union all
select
    refund_part_key, 'tmall', 'refunds', currency_code,
    cast(-1 * refund_original_amount as decimal(28, 6)),
    cast(-1 * refund_original_amount * rate as decimal(28, 6)),
    -1 * refund_amount
from refunds
where source_name = 'tmall'
union all
select
    order_item_key, 'delivery', 'order_items', currency_code,
    cast(gross_original_amount as decimal(28, 6)),
    cast(gross_original_amount * rate as decimal(28, 6)),
    gross_amount
from items
where source_name = 'delivery'
union all
select
    refund_part_key, 'delivery',
    case when refund_item_key = refund_key then 'refunds' else 'refund_items' end, currency_code,
    cast(-1 * refund_original_amount as decimal(28, 6)),
    cast(-1 * refund_original_amount * rate as decimal(28, 6)),
    -1 * refund_amount
from refunds
where source_name = 'delivery'
