-- One row per order or refund of Tmall and identifier on it.
-- The buyer's nick is the key; the receiver's phone links only when it is whole and real.
with orders as (
    select
        {{ key_of(["'tmall'", "'orders'", 'order_id']) }} as record_key,
        *
    from {{ ref('stg_tmall__orders') }}
),

refunds as (
    select
        {{ key_of(["'tmall'", "'refunds'", 'refund_id']) }} as record_key,
        *
    from {{ ref('stg_tmall__refunds') }}
)

select
    record_key,
    'buyer' as identifier_type,
    'tmall' as namespace,
    buyer_nick as identifier_value,
    ordered_at as observed_at,
    load_no,
    first_load_no
from orders
where buyer_nick is not null
union all
select record_key, 'phone', '', phone, ordered_at, load_no, first_load_no
from orders
where phone_quality = 'ok'
union all
select
    record_key,
    'buyer',
    'tmall',
    buyer_nick,
    refunded_at,
    load_no,
    first_load_no
from refunds
where buyer_nick is not null
