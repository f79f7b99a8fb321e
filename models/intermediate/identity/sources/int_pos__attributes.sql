-- One row per ticket with the phone that was given at the till.
select
    {{ key_of(["'pos'", "'tickets'", 'ticket_id']) }} as record_key,
    'tickets' as table_name,
    'phone' as attribute_name,
    phone as attribute_value,
    sold_at as said_at
from {{ ref('stg_pos__tickets') }}
where phone_quality = 'ok'
