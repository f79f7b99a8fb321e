-- One row per order of the delivery platform and identifier on it.
-- The platform's own user links, and a receiver's real number where there is one; the number of an
-- order is the platform's and never links.
with orders as (
    select
        {{ key_of(["'delivery'", "'orders'", 'order_id']) }} as record_key,
        *
    from {{ ref('stg_delivery__orders') }}
)

select
    record_key,
    'buyer' as identifier_type,
    'delivery' as namespace,
    platform_user_id as identifier_value,
    ordered_at as observed_at,
    load_no,
    first_load_no
from orders
where platform_user_id is not null
union all
select record_key, 'phone', '', phone, ordered_at, load_no, first_load_no
from orders
where phone_quality = 'ok'
union all
select
    record_key,
    'virtual_phone',
    '',
    virtual_phone,
    ordered_at,
    load_no,
    first_load_no
from orders
where virtual_phone is not null
