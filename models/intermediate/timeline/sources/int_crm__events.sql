-- One row per membership begun and per consent decided.
-- Consents belong to the member's record, so they follow the member's person.
select
    {{ key_of(["'crm'", "'members'", 'member_id']) }} as event_key,
    {{ key_of(["'crm'", "'members'", 'member_id']) }} as record_key,
    'crm' as source_name,
    'registration' as event_type,
    'unknown' as sales_channel_key,
    cast(null as varchar(200)) as device_id,
    cast(null as varchar(32)) as traffic_key,
    cast(null as varchar(32)) as order_key,
    cast(null as decimal(18, 2)) as event_amount,
    registered_at as occurred_at,
    load_no
from {{ ref('stg_crm__members') }}
where registered_at is not null
union all
select
    {{ key_of(["'crm'", "'consents'", 'consent_key']) }},
    {{ key_of(["'crm'", "'members'", 'member_id']) }},
    'crm',
    'consent_' || consent_status,
    'unknown',
    null,
    null,
    null,
    null,
    decided_at,
    load_no
from {{ ref('stg_crm__consents') }}
