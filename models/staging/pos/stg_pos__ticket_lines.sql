-- One row per item line of a ticket.
-- Quantity and amounts are negative on returns.
select
    ticket_line_id,
    ticket_id,
    sku,
    item_name as product_name,
    item_category as category_name,
    piece_count,
    gross_original_amount,
    discount_original_amount,
    _load_no as load_no
from {{ ref('base_pos__ticket_lines') }}
where row_status = 'accepted'
