-- One row per ticket and identifier on it.
-- Members scan a card; others may give a phone; most tickets of some tills carry neither.
with tickets as (
    select
        {{ key_of(["'pos'", "'tickets'", 'ticket_id']) }} as record_key,
        *
    from {{ ref('stg_pos__tickets') }}
)

select
    record_key,
    'member' as identifier_type,
    'crm' as namespace,
    member_id as identifier_value,
    sold_at as observed_at,
    load_no,
    first_load_no
from tickets
where member_id is not null
union all
select record_key, 'phone', '', phone, sold_at, load_no, first_load_no
from tickets
where phone_quality = 'ok'
