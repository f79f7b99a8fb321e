-- One row per record of membership and identifier on it.
-- A binding is a record of two identifiers: the member and what is bound to it.
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
)

select
    record_key,
    'member' as identifier_type,
    'crm' as namespace,
    member_id as identifier_value,
    registered_at as observed_at,
    load_no
from members
union all
select
    record_key,
    'phone',
    '',
    phone,
    coalesce(changed_at, registered_at),
    load_no
from members
where phone_quality = 'ok'
union all
select
    record_key,
    'email',
    '',
    email,
    coalesce(changed_at, registered_at),
    load_no
from members
where email is not null
union all
select record_key, 'member', 'crm', member_id, bound_at, load_no from bindings
union all
select record_key, identifier_type, namespace, identifier_value, bound_at, load_no from bindings
