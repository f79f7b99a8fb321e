-- One row per discount of an order of the delivery platform.
-- What the platform bears of it is paid to the shop. Where nobody says who bears it, the shop does.
select
    order_discount_id,
    order_id,
    is_on_delivery_fee,
    reduced_original_amount,
    greatest(coalesce(
        shop_original_amount, reduced_original_amount - coalesce(platform_original_amount, 0)
    ), 0) as shop_original_amount,
    _load_no as load_no
from {{ ref('base_delivery__order_discounts') }}
where row_status = 'accepted'
