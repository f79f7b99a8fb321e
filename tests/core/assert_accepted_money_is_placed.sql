-- Every accepted line whose order, refund or ticket is accepted too stands in the timeline with its
-- money, to the last digit delivered.
with lines as (
    select
        'shop' as source_name,
        'order_lines' as table_name,
        sum(lines.gross_original_amount) as amount
    from {{ ref('stg_shop__order_lines') }} as lines
    inner join {{ ref('stg_shop__orders') }} as orders on lines.order_id = orders.order_id
    union all
    select 'shop', 'refund_lines', -1 * sum(lines.refund_original_amount)
    from {{ ref('stg_shop__refund_lines') }} as lines
    inner join {{ ref('stg_shop__refunds') }} as refunds on lines.refund_id = refunds.refund_id
    union all
    select
        'pos', 'ticket_lines', sum(lines.gross_original_amount - lines.discount_original_amount)
    from {{ ref('stg_pos__ticket_lines') }} as lines
    inner join {{ ref('stg_pos__tickets') }} as tickets on lines.ticket_id = tickets.ticket_id
    union all
    select 'tmall', 'order_details', sum(lines.gross_original_amount)
    from {{ ref('stg_tmall__order_details') }} as lines
    inner join {{ ref('stg_tmall__orders') }} as orders on lines.order_id = orders.order_id
    union all
    select 'delivery', 'order_items', sum(lines.gross_original_amount)
    from {{ ref('stg_delivery__order_items') }} as lines
    inner join {{ ref('stg_delivery__orders') }} as orders on lines.order_id = orders.order_id
    union all
    select 'delivery', 'refund_items', -1 * sum(lines.refund_original_amount)
    from {{ ref('stg_delivery__refund_items') }} as lines
    inner join {{ ref('stg_delivery__refunds') }} as refunds on lines.refund_id = refunds.refund_id
    where refunds.is_refunded
    union all
    select 'delivery', 'refunds', -1 * sum(refund_original_amount)
    from {{ ref('stg_delivery__refunds') }}
    where is_refunded and not has_items
),

placed as (
    select source_name, table_name, sum(original_amount) as amount
    from {{ ref('qa_records_placed') }}
    group by 1, 2
)

select lines.source_name, lines.table_name, lines.amount, placed.amount as placed_amount
from lines
left join placed
    on lines.source_name = placed.source_name and lines.table_name = placed.table_name
where coalesce(lines.amount, 0) <> coalesce(placed.amount, 0)
