-- One row per record and identifier on it that may stand for somebody; raw values, so restricted.
-- Types without a role and blocked values are left out; a value stands once per record.
with identifiers as (
    select * from {{ ref('int_all__identifiers') }}
),

types as (
    select * from {{ ref('identifier_types') }}
),

blocked as (
    select * from {{ ref('blocked_identifiers') }}
)

select
    identifiers.record_key,
    identifiers.identifier_type,
    identifiers.namespace,
    identifiers.identifier_value,
    bool_or(identifiers.is_typed) as is_typed,
    min(identifiers.observed_at) as observed_at,
    max(identifiers.load_no) as load_no
from identifiers
inner join types on identifiers.identifier_type = types.identifier_type
left join blocked
    on
        identifiers.identifier_type = blocked.identifier_type
        and identifiers.identifier_value = blocked.identifier_value
where
    types.role <> 'none'
    and blocked.identifier_value is null
    and identifiers.identifier_value is not null
group by 1, 2, 3, 4
