-- One row per graph node and class of which a person may hold one node.
-- Classes are those of unique types, and before them each pair that is never one person by hand.
{{ config(materialized='view') }}

with nodes as (
    select * from {{ ref('int_identity_nodes') }}
),

unique_values as (
    select * from {{ ref('int_identity_unique_values') }}
),

splits as (
    select * from {{ ref('int_identity_splits') }}
)

select distinct nodes.graph_node, unique_values.class_no
from nodes
inner join unique_values on nodes.node_id = unique_values.node_id
union all
select distinct nodes.graph_node, -1 * splits.split_no
from nodes
inner join splits on nodes.root_node_id = splits.node_a or nodes.root_node_id = splits.node_b
