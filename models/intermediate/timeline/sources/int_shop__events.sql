-- One row per account opened in the mall; its orders and refunds join the timeline with all others.
select
    {{ key_of(["'shop'", "'customers'", 'customer_id']) }} as event_key,
    {{ key_of(["'shop'", "'customers'", 'customer_id']) }} as record_key,
    'shop' as source_name,
    'registration' as event_type,
    'own_mall' as sales_channel_key,
    cast(null as varchar(200)) as device_id,
    cast(null as varchar(32)) as traffic_key,
    cast(null as varchar(32)) as order_key,
    cast(null as decimal(18, 2)) as event_amount,
    registered_at as occurred_at,
    load_no
from {{ ref('stg_shop__customers') }}
where registered_at is not null
