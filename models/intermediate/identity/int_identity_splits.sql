-- One row per pair of identifiers that a person said are never one person's.
-- A merged identifier is told by the smallest one it is merged with.
with splits as (
    select
        {{ node_id('key_a') }} as node_a,
        {{ node_id('key_b') }} as node_b
    from {{ ref('identity_rules') }}
    where rule = 'split'
),

merged as (
    select * from {{ ref('int_identity_merges') }}
),

mapped as (
    select
        coalesce(merged_a.root_node_id, splits.node_a) as node_a,
        coalesce(merged_b.root_node_id, splits.node_b) as node_b
    from splits
    left join merged as merged_a on splits.node_a = merged_a.node_id
    left join merged as merged_b on splits.node_b = merged_b.node_id
),

pairs as (
    select distinct
        least(node_a, node_b) as node_a,
        greatest(node_a, node_b) as node_b
    from mapped
)

select
    node_a,
    node_b,
    row_number() over (order by node_a, node_b) as split_no
from pairs
