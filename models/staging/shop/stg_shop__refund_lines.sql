-- One row per item line of a refund of the mall.
-- Money given back is positive.
select
    refund_line_id,
    refund_id,
    order_line_id,
    sku,
    piece_count,
    is_restocked,
    refund_original_amount,
    _load_no as load_no
from {{ ref('base_shop__refund_lines') }}
where row_status = 'accepted'
