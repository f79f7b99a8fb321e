-- Every accepted line whose order or ticket is accepted too stands in the timeline with its money.
with lines as (
    select 'shop' as source_name, sum(lines.gross_original_amount) as amount
    from {{ ref('stg_shop__order_lines') }} as lines
    inner join {{ ref('stg_shop__orders') }} as orders on lines.order_id = orders.order_id
    union all
    select 'pos', sum(lines.gross_original_amount)
    from {{ ref('stg_pos__ticket_lines') }} as lines
    inner join {{ ref('stg_pos__tickets') }} as tickets on lines.ticket_id = tickets.ticket_id
    where lines.piece_count > 0
),

placed as (
    select source_name, sum(gross_original_amount) as amount
    from {{ ref('int_order_items') }}
    group by 1
)

select lines.source_name, lines.amount, placed.amount as placed_amount
from lines
left join placed on lines.source_name = placed.source_name
where coalesce(lines.amount, 0) <> coalesce(placed.amount, 0)
