-- One row per identifier that a person merged with another, and the smallest one it is merged with.
-- Merges are followed however long their chain is.
with rules as (
    select
        {{ node_id('key_a') }} as node_a,
        {{ node_id('key_b') }} as node_b
    from {{ ref('identity_rules') }}
    where rule = 'merge'
)

select node_id, root_node_id
from {{ smallest_reached('rules') }} as reached
