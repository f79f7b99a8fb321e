-- One row per order of the mall, in the shape all sales sources share.
-- Times and money as the mall gives them; conversion happens once, at the items.
select
    {{ key_of(["'shop'", "'orders'", 'order_id']) }} as order_key,
    'shop' as source_name,
    order_id,
    order_number,
    customer_id as buyer_id,
    cast(null as varchar(200)) as external_order_number,
    'own_mall' as sales_channel_key,
    cast(null as varchar(200)) as store_id,
    currency_code,
    tax_basis,
    shipping_original_amount,
    cast(0 as decimal(18, 4)) as commission_original_amount,
    is_paid,
    is_cancelled,
    is_test,
    is_refunded,
    case
        when coalesce(customer_id, email) is not null or phone_quality = 'ok' then 'usable'
        else coalesce(phone_quality, 'none')
    end as contact_status,
    ordered_at,
    load_no
from {{ ref('stg_shop__orders') }}
