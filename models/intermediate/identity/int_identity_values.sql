-- One row per linking identifier that breaks a limit of its type, with the evidence.
-- over_limit: seen with more people than one value may have; over_records: alone on too many
-- records.
with types as (
    select * from {{ ref('identifier_types') }} where role = 'linking'
),

observations as (
    select * from {{ ref('int_identity_observations') }} where role = 'linking'
),

links as (
    select * from {{ ref('int_identity_links') }}
),

neighbours as (
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
        neighbours.node_id,
        neighbours.identifier_type,
        neighbours.other_type,
        {{ ceil_div(
            'count(distinct neighbours.other_node)', 'max(types.max_values_per_person)'
        ) }} as person_count
    from neighbours
    inner join types on neighbours.other_type = types.identifier_type
    where neighbours.other_type <> neighbours.identifier_type
    group by 1, 2, 3
),

people as (
    select
        node_id,
        identifier_type,
        max(person_count) as person_count
    from people_by_type
    group by 1, 2
),

lone_records as (
    select
        record_key,
        max(node_id) as node_id,
        max(identifier_type) as identifier_type,
        max(observed_at) as observed_at
    from observations
    group by 1
    having count(*) = 1 and bool_or(is_typed)
),

windows as (
    select
        lone_records.node_id,
        lone_records.identifier_type,
        {{ floor_div(
            days_between("cast('2000-01-01' as date)", 'cast(lone_records.observed_at as date)'),
            'types.window_days'
        ) }} as window_no,
        count(*) as record_count
    from lone_records
    inner join types on lone_records.identifier_type = types.identifier_type
    where types.max_records_per_window is not null
    group by 1, 2, 3
),

lone as (
    select node_id, identifier_type, max(record_count) as record_count from windows group by 1, 2
),

measured as (
    select
        coalesce(people.node_id, lone.node_id) as node_id,
        coalesce(people.identifier_type, lone.identifier_type) as identifier_type,
        coalesce(people.person_count, 0) as person_count,
        coalesce(lone.record_count, 0) as lone_record_count
    from people
    full join lone on people.node_id = lone.node_id
)

select
    measured.node_id,
    measured.identifier_type,
    case
        when measured.lone_record_count > types.max_records_per_window then 'over_records'
        else 'over_limit'
    end as value_status,
    measured.person_count,
    measured.lone_record_count
from measured
inner join types on measured.identifier_type = types.identifier_type
where
    measured.person_count > types.max_persons_per_value
    or measured.lone_record_count > types.max_records_per_window
