-- One row per linking identifier and stretch of time in which it stands for one person.
-- Always, unless the identifier passed from one person to another.
{{ config(materialized='view') }}

with nodes as (
    select * from {{ ref('int_identity_nodes') }}
),

components as (
    select * from {{ ref('int_identity_components') }}
),

people as (
    select * from {{ ref('int_identity_people') }}
)

select
    nodes.node_id,
    nodes.priority,
    nodes.valid_from_at,
    nodes.valid_to_at,
    people.user_key,
    people.is_identified
from nodes
left join components on nodes.graph_node = components.node_id
inner join people
    on coalesce(components.person_node, nodes.graph_node) = people.person_node
