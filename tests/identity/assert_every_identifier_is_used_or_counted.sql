-- What the records carry is what may stand for somebody and what is counted as unused.
with carried as (
    select count(*) as identifier_count
    from (
        select distinct
            record_key,
            coalesce(identifier_type, '') as identifier_type,
            coalesce(namespace, '') as namespace,
            coalesce(identifier_value, '') as identifier_value
        from {{ ref('int_all__identifiers') }}
    ) as identifiers
),

used as (
    select count(*) as identifier_count from {{ ref('int_record_identifiers') }}
),

unused as (
    select coalesce(sum(observation_count), 0) as identifier_count
    from {{ ref('int_unused_identifiers') }}
)

select
    carried.identifier_count,
    used.identifier_count as used_count,
    unused.identifier_count as unused_count
from carried
cross join used
cross join unused
where carried.identifier_count <> used.identifier_count + unused.identifier_count
