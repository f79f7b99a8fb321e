-- One row per order of Tmall, in the shape all sales sources share.
-- Its number is the trade's own, which a till may ring again as an external order number.
select
    {{ key_of(["'tmall'", "'orders'", 'order_id']) }} as order_key,
    'tmall' as source_name,
    order_id,
    order_id as order_number,
    buyer_nick as buyer_id,
    cast(null as varchar(200)) as external_order_number,
    'marketplace' as sales_channel_key,
    cast(null as varchar(200)) as store_id,
    '{{ declared("tmall", "orders", "payable_fee", "unit") }}' as currency_code,
    'tax_inclusive' as tax_basis,
    shipping_original_amount,
    commission_original_amount,
    is_paid,
    is_cancelled,
    false as is_test,
    is_refunded,
    case
        when buyer_nick is not null or phone_quality = 'ok' then 'usable'
        when is_nick_masked then 'masked'
        else coalesce(phone_quality, 'none')
    end as contact_status,
    ordered_at,
    load_no
from {{ ref('stg_tmall__orders') }}
