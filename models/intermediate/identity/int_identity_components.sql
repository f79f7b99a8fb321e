-- One row per linked identifier with the component it belongs to (the smallest node id in it).
-- This SELECT gives the links that stand; the materialization finds their connected components.
{{ config(materialized='connected_components') }}

with links as (
    select * from {{ ref('int_identity_links') }}
),

limited as (
    select * from {{ ref('int_identity_values') }}
)

select links.node_a, links.node_b
from links
left join limited as limited_a on links.node_a = limited_a.node_id
left join limited as limited_b on links.node_b = limited_b.node_id
where limited_a.node_id is null and limited_b.node_id is null
