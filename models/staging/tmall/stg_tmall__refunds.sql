-- One row per refund of Tmall, asked for, refused or paid.
-- Goods are with the seller when they came back, or when the buyer never received them.
select
    refund_no as refund_id,
    order_id,
    order_line_id,
    sku,
    {{ normal_nick('buyer_nick') }} as buyer_nick,
    refund_status,
    refund_original_amount,
    refund_status = 'refunded' as is_refunded,
    coalesce({{ status_word('goods_state') }} in ('买家未收到货', 'BUYER_NOT_RECEIVED'), false)
    or case
        when {{ unquoted('goods_must_return') }} is not null
            then {{ to_boolean(unquoted('goods_must_return')) }}
        else
            coalesce({{ status_word('refund_kind') }} in ('退货退款', 'REFUND_AND_RETURN'), false)
            or coalesce(
                {{ status_word('goods_state') }} in ('买家已退货', 'BUYER_RETURNED_GOODS'), false
            )
    end as is_restocked,
    coalesce(ended_at, changed_at, requested_at) as refunded_at,
    _load_no as load_no,
    _first_load_no as first_load_no
from {{ ref('base_tmall__refunds') }}
where row_status = 'accepted'
