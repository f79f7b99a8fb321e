-- One row per refund of the delivery platform, agreed or not.
-- Without a time of decision it was decided when it was asked for.
select
    refund_no as refund_id,
    order_id,
    refund_status = 'refunded' as is_refunded,
    is_whole_order,
    has_items,
    paid_back_original_amount as refund_original_amount,
    coalesce(changed_at, asked_at) as refunded_at,
    _load_no as load_no
from {{ ref('base_delivery__refunds') }}
where row_status = 'accepted'
