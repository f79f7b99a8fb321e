-- One row per pair of graph nodes that a link stands for, with its strength.
-- Links of split identifiers are counted anew from their records, each in the episode of its time.
-- What is never one person by hand has no link between them, and a loop each, so that the graph
-- sees the rule come and go.
with links as (
    select * from {{ ref('int_identity_links') }}
),

nodes as (
    select * from {{ ref('int_identity_nodes') }}
),

observations as (
    select * from {{ ref('int_identity_observations') }} where role = 'linking'
),

splits as (
    select * from {{ ref('int_identity_splits') }}
),

plain as (
    select
        a.graph_node as graph_a,
        b.graph_node as graph_b,
        greatest(a.priority, b.priority) as priority,
        links.observation_count,
        links.first_at
    from links
    inner join nodes as a on links.node_a = a.node_id and not a.is_split
    inner join nodes as b on links.node_b = b.node_id and not b.is_split
),

placed as (
    select
        one.graph_node as graph_a,
        other.graph_node as graph_b,
        greatest(one.priority, other.priority) as priority,
        cast(1 as bigint) as observation_count,
        seen.observed_at as first_at
    from nodes as one
    inner join observations as seen
        on one.node_id = seen.node_id and {{ is_within('seen.observed_at', 'one') }}
    inner join observations as beside
        on seen.record_key = beside.record_key and seen.node_id <> beside.node_id
    inner join nodes as other
        on beside.node_id = other.node_id and {{ is_within('beside.observed_at', 'other') }}
    where one.is_split and (not other.is_split or one.node_id < other.node_id)
),

edges as (
    select
        least(graph_a, graph_b) as node_a,
        greatest(graph_a, graph_b) as node_b,
        min(priority) as priority,
        cast(sum(observation_count) as bigint) as observation_count,
        min(first_at) as first_at
    from (select * from plain union all select * from placed) as pairs
    where graph_a <> graph_b
    group by 1, 2
),

kept_apart as (
    select distinct
        a.graph_node as node_a,
        b.graph_node as node_b,
        splits.split_no
    from splits
    inner join nodes as a on splits.node_a = a.root_node_id
    inner join nodes as b on splits.node_b = b.root_node_id
)

select edges.*
from edges
left join kept_apart
    on
        edges.node_a = least(kept_apart.node_a, kept_apart.node_b)
        and edges.node_b = greatest(kept_apart.node_a, kept_apart.node_b)
where kept_apart.node_a is null
union all
select
    apart.node_id,
    apart.node_id as same_node_id,
    0,
    apart.split_no,
    cast(null as timestamp)
from (
    select node_a as node_id, split_no from kept_apart
    union all
    select node_b, split_no from kept_apart
) as apart
