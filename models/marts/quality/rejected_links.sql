-- One row per pair of identifiers (keys, never values) whose link was refused, and the reason.
with links as (select * from {{ ref('int_identity_links') }}),

nodes as (select * from {{ ref('int_identity_nodes') }}),

types as (select * from {{ ref('identifier_types') }}),

splits as (select * from {{ ref('int_identity_splits') }}),

conflicts as (select * from {{ ref('int_identity_conflicts') }}),

cut_values as (
    select
        limited.*,
        case limited.value_status
            when 'over_records'
                then
                    'alone on ' || limited.lone_record_count || ' records within '
                    || types.window_days || ' days, more than ' || types.max_records_per_window
            when 'over_limit'
                then
                    'seen with ' || limited.person_count || ' people, more than '
                    || types.max_persons_per_value
            else 'held by ' || limited.holder_count || ' people at the same time'
        end as evidence
    from {{ ref('int_identity_values') }} as limited
    inner join types on limited.identifier_type = types.identifier_type
    where limited.is_cut
),

of_cut_values as (
    select
        links.node_a, links.node_b, links.type_a, links.type_b,
        cut_values.value_status as reject_reason,
        cut_values.identifier_type as limited_type,
        cut_values.evidence,
        links.observation_count, links.first_at, links.last_at
    from (
        select *, node_a as cut_node from links
        union all
        select *, node_b from links
    ) as links
    inner join cut_values on links.cut_node = cut_values.node_id
),

roots as (
    select distinct node_id, root_node_id from nodes
    where root_node_id in (
        select splits.node_a from splits union all select splits.node_b from splits
    )
),

by_hand as (
    select
        links.node_a, links.node_b, links.type_a, links.type_b,
        'split_by_hand' as reject_reason,
        cast(null as {{ dbt.type_string() }}) as limited_type,
        'seeds/identity_rules.csv says that they are two people' as evidence,
        links.observation_count, links.first_at, links.last_at
    from links
    inner join roots as a on links.node_a = a.node_id
    inner join roots as b on links.node_b = b.node_id
    inner join splits
        on
            splits.node_a = least(a.root_node_id, b.root_node_id)
            and splits.node_b = greatest(a.root_node_id, b.root_node_id)
),

named as (
    select graph_node, min(node_id) as node_id, min(identifier_type) as identifier_type
    from nodes
    where
        graph_node in (select conflicts.node_a from conflicts)
        or graph_node in (select conflicts.node_b from conflicts)
    group by 1
),

by_conflict as (
    select
        a.node_id as node_a, b.node_id as node_b,
        a.identifier_type as type_a, b.identifier_type as type_b,
        'conflict' as reject_reason,
        holders.identifier_type as limited_type,
        case
            when holders.node_id is null then 'would join two people that are kept apart by hand'
            else
                'would give one person two of type ' || holders.identifier_type || ': '
                || conflicts.holder_a || ' and ' || conflicts.holder_b
        end as evidence,
        conflicts.observation_count,
        conflicts.first_at,
        cast(null as timestamp) as last_at
    from conflicts
    inner join named as a on conflicts.node_a = a.graph_node
    inner join named as b on conflicts.node_b = b.graph_node
    left join {{ ref('int_identifier_keys') }} as holders on conflicts.holder_a = holders.node_id
)

select
    {{ key_of(
        ['node_a', 'node_b', 'reject_reason', 'limited_type', 'evidence', 'first_at']
    ) }} as rejected_link_key,
    node_a,
    node_b,
    type_a,
    type_b,
    reject_reason,
    limited_type,
    evidence,
    cast(observation_count as bigint) as observation_count,
    first_at as first_observed_at,
    last_at as last_observed_at
from (
    select * from of_cut_values
    union
    select * from by_hand
    union
    select * from by_conflict
) as refused
