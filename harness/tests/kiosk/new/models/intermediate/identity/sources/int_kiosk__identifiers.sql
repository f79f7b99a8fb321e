-- One row per sale of a machine that took a phone number.
select
    {{ key_of(["'kiosk'", "'sales'", 'sale_id']) }} as record_key,
    'phone' as identifier_type,
    '' as namespace,
    phone as identifier_value,
    sold_at as observed_at,
    load_no,
    first_load_no
from {{ ref('stg_kiosk__sales') }}
where phone_quality = 'ok'
