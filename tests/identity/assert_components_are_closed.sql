-- No link joins two components, and each that joins two people was refused by name.
with edges as (
    select
        edges.node_a,
        edges.node_b,
        a.component_id as component_a,
        b.component_id as component_b,
        a.person_node as person_a,
        b.person_node as person_b
    from {{ ref('int_identity_edges') }} as edges
    left join {{ ref('int_identity_components') }} as a on edges.node_a = a.node_id
    left join {{ ref('int_identity_components') }} as b on edges.node_b = b.node_id
)

select edges.node_a, edges.node_b
from edges
left join {{ ref('int_identity_conflicts') }} as conflicts
    on edges.node_a = conflicts.node_a and edges.node_b = conflicts.node_b
where
    coalesce(edges.component_a, -1) <> coalesce(edges.component_b, -2)
    or (edges.person_a <> edges.person_b and conflicts.node_a is null)
