-- One row per order of Tmall, paid or not.
-- A closed order was refunded when it had been paid, else it was cancelled.
select
    order_id,
    {{ normal_nick('buyer_nick') }} as buyer_nick,
    coalesce({{ unquoted('buyer_nick') }} like '%*%', false) as is_nick_masked,
    {{ normal_phone(unquoted('receiver_mobile')) }} as phone,
    {{ phone_quality(unquoted('receiver_mobile')) }} as phone_quality,
    receiver_province,
    order_status,
    piece_count,
    case
        when payable_original_amount is not null then payable_original_amount
        when paid_original_amount > 0
            then greatest(
                paid_original_amount + coalesce(subsidy_original_amount, 0)
                - coalesce(shipping_original_amount, 0), 0
            )
    end as goods_original_amount,
    coalesce(subsidy_original_amount, 0) as subsidy_original_amount,
    coalesce(shipping_original_amount, 0) as shipping_original_amount,
    commission_original_amount,
    order_status = 'paid' or (order_status = 'closed' and paid_at is not null) as is_paid,
    order_status = 'closed' and paid_at is null as is_cancelled,
    order_status = 'closed' and paid_at is not null as is_refunded,
    ordered_at,
    _load_no as load_no,
    _first_load_no as first_load_no
from {{ ref('base_tmall__orders') }}
where row_status = 'accepted'
