-- One row per sold item line of a ticket, in the shape all sales sources share.
-- Lines with negative quantity are refunds.
with tickets as (
    select * from {{ ref('stg_pos__tickets') }}
),

lines as (
    select * from {{ ref('stg_pos__ticket_lines') }} where piece_count > 0
)

select
    {{ key_of(["'pos'", "'ticket_lines'", 'lines.ticket_line_id']) }} as order_item_key,
    {{ key_of(["'pos'", "'tickets'", 'lines.ticket_id']) }} as order_key,
    'pos' as source_name,
    lines.sku,
    lines.product_name,
    lines.category_name,
    lines.piece_count,
    lines.gross_original_amount,
    lines.discount_original_amount,
    lines.load_no
from lines
inner join tickets on lines.ticket_id = tickets.ticket_id
