-- No standing link joins two components, and a value over its limit belongs to none.
select links.node_a, links.node_b
from {{ ref('int_identity_links') }} as links
inner join {{ ref('int_identity_nodes') }} as nodes_a on links.node_a = nodes_a.node_id
inner join {{ ref('int_identity_nodes') }} as nodes_b on links.node_b = nodes_b.node_id
left join {{ ref('int_identity_values') }} as limited
    on links.node_a = limited.node_id or links.node_b = limited.node_id
where nodes_a.component_id <> nodes_b.component_id and limited.node_id is null
