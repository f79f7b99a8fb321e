-- One row per record of membership and identifier on it.
-- A binding is a record of two identifiers: the member and what is bound to it. What an older
-- version of a member told is a record too: who buys with the old number is still the member.
with members as (
    select
        {{ key_of(["'crm'", "'members'", 'member_id']) }} as record_key,
        *
    from {{ ref('stg_crm__members') }}
),

bindings as (
    select {{ key_of(["'crm'", "'member_identifiers'", 'binding_key']) }} as record_key, *
    from {{ ref('stg_crm__member_identifiers') }}
    where identifier_value is not null
),

former_contacts as (
    select {{ key_of(["'crm'", "'former_contacts'", 'contact_key']) }} as record_key, *
    from {{ ref('stg_crm__former_contacts') }}
)

select
    record_key,
    'member' as identifier_type,
    'crm' as namespace,
    member_id as identifier_value,
    registered_at as observed_at,
    load_no,
    first_load_no
from members
union all
select
    record_key,
    'phone',
    '',
    phone,
    coalesce(changed_at, registered_at),
    load_no,
    phone_first_load_no
from members
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
from members
where email is not null
union all
select record_key, 'member', 'crm', member_id, bound_at, load_no, first_load_no from bindings
union all
select record_key, identifier_type, namespace, identifier_value, bound_at, load_no, first_load_no
from bindings
union all
select record_key, 'member', 'crm', member_id, told_at, load_no, first_load_no
from former_contacts
union all
select record_key, 'phone', '', phone, told_at, load_no, first_load_no
from former_contacts
where phone_quality = 'ok'
union all
select record_key, 'email', '', email, told_at, load_no, first_load_no
from former_contacts
where email is not null
