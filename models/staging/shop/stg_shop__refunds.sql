-- One row per refund of the mall.
-- The amount includes shipping, which stands beside it and never reduces revenue.
select
    refund_id,
    order_id,
    shop_customer_id as customer_id,
    currency_code,
    refund_original_amount,
    shipping_original_amount,
    refunded_at,
    _load_no as load_no,
    _first_load_no as first_load_no
from {{ ref('base_shop__refunds') }}
where row_status = 'accepted'
