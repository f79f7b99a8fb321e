-- One row per link that the conflict cut refused, with the two values that it would have joined.
-- Both are of one unique type, or never one person by hand (then there are no values).
with edges as (
    select * from {{ ref('int_identity_edges') }}
),

components as (
    select * from {{ ref('int_identity_components') }}
),

refused as (
    select
        edges.*,
        a.person_node as person_a,
        b.person_node as person_b
    from edges
    inner join components as a on edges.node_a = a.node_id
    inner join components as b on edges.node_b = b.node_id
    where a.person_node <> b.person_node
),

-- The few people whom a refused link would have joined.
met as (
    select person_a as person_node from refused
    union
    select person_b from refused
),

held as (
    select
        met.person_node,
        unique_values.class_no,
        min(unique_values.holder_node_id) as holder_node_id
    from met
    inner join components on met.person_node = components.person_node
    inner join {{ ref('int_identity_nodes') }} as nodes on components.node_id = nodes.graph_node
    inner join {{ ref('int_identity_unique_values') }} as unique_values
        on nodes.node_id = unique_values.node_id
    group by 1, 2
),

both_held as (
    select
        refused.node_a,
        refused.node_b,
        a.holder_node_id as holder_a,
        b.holder_node_id as holder_b,
        row_number() over (
            partition by refused.node_a, refused.node_b order by a.class_no
        ) as class_place
    from refused
    inner join held as a on refused.person_a = a.person_node
    inner join held as b on refused.person_b = b.person_node and a.class_no = b.class_no
)

select
    refused.node_a,
    refused.node_b,
    refused.observation_count,
    refused.first_at,
    both_held.holder_a,
    both_held.holder_b
from refused
left join both_held
    on
        refused.node_a = both_held.node_a
        and refused.node_b = both_held.node_b
        and both_held.class_place = 1
