-- One row per message and identifier of its recipient.
-- A held-out recipient is known as well as one that was sent something; a masked number is nobody.
with messages as (
    select
        {{ key_of(["'messaging'", "'messages'", 'message_id']) }} as record_key,
        *
    from {{ ref('stg_messaging__messages') }}
)

select
    record_key,
    'member' as identifier_type,
    'crm' as namespace,
    member_id as identifier_value,
    scheduled_at as observed_at,
    load_no,
    first_load_no
from messages
where member_id is not null
union all
select record_key, 'openid', app_id, openid, scheduled_at, load_no, first_load_no
from messages
where openid is not null
union all
select record_key, 'phone', '', phone, scheduled_at, load_no, first_load_no
from messages
where phone_quality = 'ok'
union all
select record_key, 'email', '', email, scheduled_at, load_no, first_load_no
from messages
where email is not null
union all
select record_key, 'device', '', device_id, scheduled_at, load_no, first_load_no
from messages
where device_id is not null
