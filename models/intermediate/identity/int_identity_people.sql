-- One row per person known by linking identifiers, with the key all marts join on.
-- The key is a hash of the person's anchor: its first identifier by (first holder before later
-- ones, identifying before anonymous, landing run, key).
with nodes as (
    select * from {{ ref('int_identity_nodes') }}
),

components as (
    select * from {{ ref('int_identity_components') }}
),

keys as (
    select * from {{ ref('int_identifier_keys') }}
),

placed as (
    select
        coalesce(components.person_node, nodes.graph_node) as person_node,
        nodes.node_id,
        nodes.episode_no,
        nodes.is_identifying,
        row_number() over (
            partition by coalesce(components.person_node, nodes.graph_node)
            order by
                case when nodes.episode_no = 0 then 0 else 1 end,
                case when nodes.is_identifying then 0 else 1 end,
                nodes.first_landing_run, nodes.node_id, nodes.episode_no
        ) as anchor_no,
        max(case when nodes.is_identifying then 1 else 0 end) over (
            partition by coalesce(components.person_node, nodes.graph_node)
        ) as identifying
    from nodes
    left join components on nodes.graph_node = components.node_id
)

select
    placed.person_node,
    keys.identifier_key as anchor_key,
    {{ key_of([
        "'person'", 'keys.identifier_key',
        "case when placed.episode_no > 0 then placed.episode_no end"
    ]) }} as user_key,
    placed.identifying = 1 as is_identified
from placed
inner join keys on placed.node_id = keys.node_id
where placed.anchor_no = 1
