-- One row per linking identifier that does not simply stand for one person, with the evidence.
-- over_records: alone on too many records; over_limit: seen with more people than it may have;
-- shared: its holders overlap in time; split: they follow each other.
with types as (
    select * from {{ ref('identifier_types') }} where role = 'linking'
),

links as (
    select * from {{ ref('int_identity_links') }}
),

holders as (
    select * from {{ ref('int_identity_holders') }}
),

ends as (
    select
        node_a as node_id,
        type_a as identifier_type,
        node_b as other_node,
        type_b as other_type
    from links
    union all
    select node_b, type_b, node_a, type_a from links
),

people_by_type as (
    select
        ends.node_id,
        ends.identifier_type,
        ends.other_type,
        {{ ceil_div(
            'count(distinct ends.other_node)', 'max(others.max_values_per_person)'
        ) }} as person_count
    from ends
    inner join types on ends.identifier_type = types.identifier_type
    inner join types as others on ends.other_type = others.identifier_type
    where ends.other_type <> ends.identifier_type and types.max_persons_per_value is not null
    group by 1, 2, 3
),

findings as (
    select
        node_id,
        identifier_type,
        person_count,
        0 as lone_record_count,
        0 as holder_count,
        false as is_overlap
    from people_by_type
    union all
    select node_id, identifier_type, 0, record_count, 0, false
    from {{ ref('int_lone_identifiers') }}
    union all
    select node_id, identifier_type, 0, 0, holder_count, is_overlap from holders
),

measured as (
    select
        node_id,
        identifier_type,
        max(person_count) as person_count,
        max(lone_record_count) as lone_record_count,
        max(holder_count) as holder_count,
        bool_or(is_overlap) as is_overlap
    from findings
    group by 1, 2
),

judged as (
    select
        measured.*,
        types.over_limit_policy,
        case
            when measured.lone_record_count > types.max_records_per_window then 'over_records'
            when measured.person_count > types.max_persons_per_value then 'over_limit'
            when measured.is_overlap then 'shared'
            when measured.holder_count > 1 then 'split'
        end as value_status
    from measured
    inner join types on measured.identifier_type = types.identifier_type
)

select
    node_id,
    identifier_type,
    value_status,
    -- Links nobody, and alone is nobody.
    value_status in ('over_records', 'over_limit')
    or (value_status = 'shared' and over_limit_policy = 'drop') as is_cut,
    cast(person_count as bigint) as person_count,
    cast(lone_record_count as bigint) as lone_record_count,
    cast(holder_count as bigint) as holder_count
from judged
where value_status is not null
