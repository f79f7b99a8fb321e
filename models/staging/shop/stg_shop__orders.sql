-- One row per order of the mall, paid or not.
-- Whether an order counts is decided in the timeline, where refunds and people are known.
select
    order_id,
    order_number,
    shop_customer_id as customer_id,
    {{ normal_email('email') }} as email,
    {{ normal_phone('phone') }} as phone,
    {{ phone_quality('phone') }} as phone_quality,
    currency_code,
    payment_status,
    discount_original_amount,
    shipping_original_amount,
    paid_original_amount,
    is_test,
    order_cancelled_at is not null as is_cancelled,
    coalesce(payment_status in ('paid', 'partially_refunded', 'refunded'), false) as is_paid,
    coalesce(payment_status = 'refunded', false) as is_refunded,
    case is_tax_included
        when false then 'tax_exclusive'
        when true then 'tax_inclusive'
        else 'unstated'
    end as tax_basis,
    ordered_at,
    _load_no as load_no,
    _first_load_no as first_load_no
from {{ ref('base_shop__orders') }}
where row_status = 'accepted'
