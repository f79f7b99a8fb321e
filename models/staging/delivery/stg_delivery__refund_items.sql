-- One row per item line of a refund of the delivery platform.
-- Its money is what the shop had got for the pieces.
select
    refund_item_id,
    refund_no as refund_id,
    sku,
    piece_count,
    refund_original_amount,
    _load_no as load_no
from {{ ref('base_delivery__refund_items') }}
where row_status = 'accepted'
