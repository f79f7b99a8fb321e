-- One row per type of identifier and reason why identifiers of it stand for nobody, with how many.
-- With int_record_identifiers these are all that the records carry.
with identifiers as (
    select
        record_key,
        coalesce(identifier_type, '') as identifier_type,
        coalesce(namespace, '') as namespace,
        coalesce(identifier_value, '') as identifier_value
    from {{ ref('int_all__identifiers') }}
),

types as (
    select * from {{ ref('identifier_types') }}
),

blocked as (
    select * from {{ ref('int_blocked_values') }}
),

judged as (
    select
        identifiers.*,
        case
            when types.identifier_type is null then 'type_not_declared'
            when types.role = 'none' then 'role_none'
            else blocked.reason
        end as reason
    from identifiers
    left join types on identifiers.identifier_type = types.identifier_type
    left join blocked
        on
            identifiers.identifier_type = blocked.identifier_type
            and identifiers.identifier_value = blocked.identifier_value
),

-- A record may carry one identifier more than once.
unused as (
    select distinct
        record_key,
        identifier_type,
        namespace,
        identifier_value,
        reason
    from judged
    where reason is not null
)

select
    identifier_type,
    reason,
    count(*) as observation_count,
    count(distinct namespace || '|' || identifier_value) as value_count
from unused
group by 1, 2
