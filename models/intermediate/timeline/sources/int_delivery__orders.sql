-- One row per order of the delivery platform, in the shape all sales sources share.
-- Commission is what the platform keeps for its service; the delivery fee is nobody's revenue here.
with orders as (
    select * from {{ ref('stg_delivery__orders') }}
),

given_back as (
    select distinct order_id from {{ ref('stg_delivery__refunds') }}
    where is_refunded and is_whole_order
)

select
    {{ key_of(["'delivery'", "'orders'", 'orders.order_id']) }} as order_key,
    'delivery' as source_name,
    orders.order_id,
    orders.order_id as order_number,
    cast(null as varchar(200)) as buyer_id,
    cast(null as varchar(200)) as external_order_number,
    'delivery' as sales_channel_key,
    orders.store_id,
    '{{ declared("delivery", "orders", "total", "unit") }}' as currency_code,
    'tax_inclusive' as tax_basis,
    orders.shipping_original_amount,
    orders.commission_original_amount,
    orders.is_paid,
    orders.is_cancelled,
    false as is_test,
    given_back.order_id is not null as is_refunded,
    case
        when orders.platform_user_id is not null or orders.phone_quality = 'ok' then 'usable'
        when orders.phone_quality is not null then orders.phone_quality
        when orders.virtual_phone is not null then 'virtual'
        else 'none'
    end as contact_status,
    orders.ordered_at,
    orders.load_no
from orders
left join given_back on orders.order_id = given_back.order_id
