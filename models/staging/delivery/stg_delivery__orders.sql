-- One row per order of the delivery platform, paid or not.
-- Its phone is the platform's, one per order, so it links nobody however plain it looks; only a
-- number that the export calls the receiver's own is a phone.
select
    order_id,
    store_no as store_id,
    platform_user_id,
    {{ clean('recipient_phone') }} as virtual_phone,
    {{ normal_phone('real_phone') }} as phone,
    {{ phone_quality('real_phone') }} as phone_quality,
    case
        when is_paid_on_delivery then order_status = 'completed'
        else order_status <> 'unpaid'
    end as is_paid,
    order_status = 'closed' as is_cancelled,
    paid_original_amount,
    coalesce(shipping_original_amount, 0) as shipping_original_amount,
    coalesce(bag_original_amount, 0) as bag_original_amount,
    commission_original_amount,
    ordered_at,
    _load_no as load_no,
    _first_load_no as first_load_no
from {{ ref('base_delivery__orders') }}
where row_status = 'accepted'
