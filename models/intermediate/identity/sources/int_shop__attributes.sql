-- One row per record of the mall and thing it says of a person: the account and its orders.
-- A province counts when it is listed; anything else in that field may be an address.
with customers as (
    select
        {{ key_of(["'shop'", "'customers'", 'customer_id']) }} as record_key,
        coalesce(changed_at, registered_at) as said_at,
        *
    from {{ ref('stg_shop__customers') }}
),

orders as (
    select
        {{ key_of(["'shop'", "'orders'", 'order_id']) }} as record_key,
        *
    from {{ ref('stg_shop__orders') }}
),

region_names as (
    select * from {{ ref('region_names') }}
)

select
    customers.record_key,
    'customers' as table_name,
    'region_code' as attribute_name,
    region_names.region_code as attribute_value,
    customers.said_at
from customers
inner join region_names on lower(customers.province) = region_names.region_name
union all
select record_key, 'customers', 'phone', phone, said_at from customers where phone_quality = 'ok'
union all
select record_key, 'customers', 'email', email, said_at from customers where email is not null
union all
select record_key, 'orders', 'phone', phone, ordered_at from orders where phone_quality = 'ok'
union all
select record_key, 'orders', 'email', email, ordered_at from orders where email is not null
