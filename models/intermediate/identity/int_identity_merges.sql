-- One row per identifier that a person merged with another, and the smallest one it is merged with.
-- Merges are followed however long their chain is.
with recursive rules as (
    select
        {{ node_id('key_a') }} as node_a,
        {{ node_id('key_b') }} as node_b
    from {{ ref('identity_rules') }}
    where rule = 'merge'
),

pairs as (
    select node_a as node_id, node_b as other_id from rules
    union all
    select node_b, node_a from rules
),

reached as (
    select node_id, other_id as reached_id from pairs
    union
    select reached.node_id, pairs.other_id
    from reached
    inner join pairs on reached.reached_id = pairs.node_id
)

select node_id, min(reached_id) as root_node_id
from reached
group by 1
