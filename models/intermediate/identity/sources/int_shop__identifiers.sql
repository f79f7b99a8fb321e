-- One row per record of the mall and identifier on it.
-- An order links the customer, phone and e-mail it names; a bad phone links nothing. What an older
-- version of a customer told is a record too: who buys with the old number is still the customer.
with customers as (
    select
        {{ key_of(["'shop'", "'customers'", 'customer_id']) }} as record_key,
        *
    from {{ ref('stg_shop__customers') }}
),

former_contacts as (
    select
        {{ key_of(["'shop'", "'former_contacts'", 'contact_key']) }} as record_key,
        *
    from {{ ref('stg_shop__former_contacts') }}
),

refunds as (
    select
        {{ key_of(["'shop'", "'refunds'", 'refund_id']) }} as record_key,
        *
    from {{ ref('stg_shop__refunds') }}
    where customer_id is not null
),

orders as (
    select
        {{ key_of(["'shop'", "'orders'", 'order_id']) }} as record_key,
        *
    from {{ ref('stg_shop__orders') }}
)

select
    record_key,
    'customer' as identifier_type,
    'shop' as namespace,
    customer_id as identifier_value,
    registered_at as observed_at,
    load_no,
    first_load_no
from customers
union all
select
    record_key,
    'phone',
    '',
    phone,
    coalesce(changed_at, registered_at),
    load_no,
    phone_first_load_no
from customers
where phone_quality = 'ok'
union all
select
    record_key,
    'email',
    '',
    email,
    coalesce(changed_at, registered_at),
    load_no,
    email_first_load_no
from customers
where email is not null
union all
select record_key, 'customer', 'shop', customer_id, told_at, load_no, first_load_no
from former_contacts
union all
select record_key, 'phone', '', phone, told_at, load_no, first_load_no
from former_contacts
where phone_quality = 'ok'
union all
select record_key, 'email', '', email, told_at, load_no, first_load_no
from former_contacts
where email is not null
union all
select
    record_key,
    'customer',
    'shop',
    customer_id,
    ordered_at,
    load_no,
    first_load_no
from orders
where customer_id is not null
union all
select record_key, 'phone', '', phone, ordered_at, load_no, first_load_no
from orders
where phone_quality = 'ok'
union all
select record_key, 'email', '', email, ordered_at, load_no, first_load_no
from orders
where email is not null
union all
select
    record_key,
    'customer',
    'shop',
    customer_id,
    refunded_at,
    load_no,
    first_load_no
from refunds
