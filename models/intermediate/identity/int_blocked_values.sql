-- One row per value that stands for nobody, whatever record it is on, with the reason.
-- Each distinct value is held against the patterns once.
with types as (
    select * from {{ ref('identifier_types') }} where role <> 'none'
),

identifiers as (
    select distinct
        identifier_type,
        coalesce(identifier_value, '') as identifier_value
    from {{ ref('int_all__identifiers') }}
    where identifier_type in (select types.identifier_type from types)
),

listed as (
    select * from {{ ref('blocked_identifiers') }}
),

patterns as (
    select * from {{ ref('blocked_patterns') }}
),

judged as (
    select
        identifier_type,
        identifier_value,
        case
            when {{ matches('lower(identifier_value)', '^([ 0-]*|null)$') }} then 'empty'
            when length(identifier_value) > 200 then 'too_long'
            when exists (
                select 1 from listed
                where
                    listed.identifier_type = identifiers.identifier_type
                    and listed.identifier_value = identifiers.identifier_value
            ) then 'blocked_value'
            when exists (
                select 1 from patterns
                where
                    patterns.identifier_type in ('*', identifiers.identifier_type)
                    and lower(identifiers.identifier_value) like patterns.pattern
            ) then 'blocked_pattern'
        end as reason
    from identifiers
)

select
    identifier_type,
    identifier_value,
    reason
from judged
where reason is not null
