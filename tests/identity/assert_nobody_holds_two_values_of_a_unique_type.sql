-- The invariant of the conflict cut; values merged by hand count as one.
select people.user_key, unique_values.class_no
from {{ ref('int_linked_identifiers') }} as people
inner join {{ ref('int_identity_unique_values') }} as unique_values
    on people.node_id = unique_values.node_id
group by 1, 2
having count(distinct unique_values.holder_node_id) > 1
