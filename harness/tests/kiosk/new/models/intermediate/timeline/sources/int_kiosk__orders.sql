-- One row per sale of a machine, in the shape all sales sources share.
select
    {{ key_of(["'kiosk'", "'sales'", 'sale_id']) }} as order_key,
    'kiosk' as source_name,
    sale_id as order_id,
    sale_id as order_number,
    cast(null as varchar(200)) as buyer_id,
    cast(null as varchar(200)) as external_order_number,
    'kiosk' as sales_channel_key,
    cast(null as varchar(200)) as store_id,
    '{{ declared("kiosk", "sales", "unit_price", "unit") }}' as currency_code,
    'tax_inclusive' as tax_basis,
    cast(0 as decimal(18, 4)) as shipping_original_amount,
    cast(0 as decimal(18, 4)) as commission_original_amount,
    true as is_paid,
    false as is_cancelled,
    false as is_test,
    false as is_refunded,
    case
        when phone_quality = 'ok' then 'usable' else coalesce(phone_quality, 'none')
    end as contact_status,
    sold_at as ordered_at,
    load_no
from {{ ref('stg_kiosk__sales') }}
