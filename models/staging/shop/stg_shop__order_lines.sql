-- One row per item line of an order of the mall.
-- Amounts are in the order's currency, before the order's own discount.
select
    order_line_id,
    order_id,
    sku,
    product_name,
    piece_count,
    gross_original_amount,
    discount_original_amount,
    _load_no as load_no
from {{ ref('base_shop__order_lines') }}
where row_status = 'accepted'
