-- One row per record of membership and thing it says of a person: the card and what is bound to it.
-- A birth date before 1901, or after the card was written, filled a field and is nobody's.
with members as (
    select
        {{ key_of(["'crm'", "'members'", 'member_id']) }} as record_key,
        coalesce(changed_at, registered_at) as said_at,
        *
    from {{ ref('stg_crm__members') }}
),

bindings as (
    select {{ key_of(["'crm'", "'member_identifiers'", 'binding_key']) }} as record_key, *
    from {{ ref('stg_crm__member_identifiers') }}
    where identifier_type in ('phone', 'email') and identifier_value is not null
)

select
    record_key,
    'members' as table_name,
    'region_code' as attribute_name,
    region_code as attribute_value,
    said_at
from members
where region_code is not null
union all
select
    record_key,
    'members',
    'birth_date',
    cast(birth_date as {{ dbt.type_string() }}),
    said_at
from members
where
    birth_date >= cast('1901-01-01' as date)
    and (said_at is null or birth_date <= cast(said_at as date))
union all
select record_key, 'members', 'phone', phone, said_at from members where phone_quality = 'ok'
union all
select record_key, 'members', 'email', email, said_at from members where email is not null
union all
select record_key, 'member_identifiers', identifier_type, identifier_value, bound_at from bindings
