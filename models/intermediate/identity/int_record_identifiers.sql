-- One row per record and identifier on it that may stand for somebody; raw values, so restricted.
-- Types without a role and blocked values are left out and counted in int_unused_identifiers; a
-- value stands once per record.
with identifiers as (
    select
        record_key,
        source_name,
        identifier_type,
        -- Without a namespace an identifier means the same everywhere.
        coalesce(namespace, '') as namespace,
        identifier_value,
        is_typed,
        observed_at,
        first_load_no
    from {{ ref('int_all__identifiers') }}
    where identifier_value is not null
),

types as (
    select * from {{ ref('identifier_types') }}
),

blocked as (
    select * from {{ ref('int_blocked_values') }}
)

select
    identifiers.record_key,
    identifiers.source_name,
    identifiers.identifier_type,
    identifiers.namespace,
    identifiers.identifier_value,
    bool_or(identifiers.is_typed) as is_typed,
    min(identifiers.observed_at) as observed_at,
    min(identifiers.first_load_no) as first_load_no
from identifiers
inner join types on identifiers.identifier_type = types.identifier_type
left join blocked
    on
        identifiers.identifier_type = blocked.identifier_type
        and identifiers.identifier_value = blocked.identifier_value
where types.role <> 'none' and blocked.identifier_value is null
group by 1, 2, 3, 4, 5
