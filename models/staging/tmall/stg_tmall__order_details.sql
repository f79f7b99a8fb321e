-- One row per line of an order of Tmall.
-- Its value is after the seller's discounts; has_share tells that the order's own one is in it.
select
    order_line_id,
    order_id,
    sku,
    product_name,
    piece_count,
    gross_original_amount,
    line_original_amount,
    has_share,
    _load_no as load_no
from {{ ref('base_tmall__order_details') }}
where row_status = 'accepted'
