-- One row per item line of an order of the delivery platform.
-- Boxes stand beside the line's value and are never part of it.
select
    order_item_id,
    order_id,
    sku,
    product_name,
    piece_count,
    gross_original_amount,
    box_original_amount,
    _load_no as load_no
from {{ ref('base_delivery__order_items') }}
where row_status = 'accepted'
