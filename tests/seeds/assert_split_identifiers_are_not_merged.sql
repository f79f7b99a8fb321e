-- No two identifiers that are split are one person's by a chain of merges.
with splits as (
    select * from {{ ref('identity_rules') }} where rule = 'split'
),

direct as (
    select * from {{ ref('identity_rules') }} where rule = 'merge'
),

merged as (
    select * from {{ ref('int_identity_merges') }}
)

select
    'identity_rules' as seed_name,
    'row of split of ' || left(splits.key_a, 4) || '... and ' || left(splits.key_b, 4)
    || '...' as seed_row,
    'rule' as column_name,
    'the two keys are one person by a chain of merges' as problem
from splits
inner join merged as merged_a on {{ node_id('splits.key_a') }} = merged_a.node_id
inner join merged as merged_b on {{ node_id('splits.key_b') }} = merged_b.node_id
left join direct
    on
        least(splits.key_a, splits.key_b) = least(direct.key_a, direct.key_b)
        and greatest(splits.key_a, splits.key_b) = greatest(direct.key_a, direct.key_b)
where
    merged_a.root_node_id = merged_b.root_node_id
    -- What is merged in a row of its own is told by assert_identity_rules_make_sense.
    and direct.rule is null
