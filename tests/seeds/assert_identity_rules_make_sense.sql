-- A rule joins or parts two different identifiers, and each two have one rule.
-- Keys are told by their beginning.
with rules as (
    select
        rule,
        least(key_a, key_b) as key_1,
        greatest(key_a, key_b) as key_2,
        rule || ' of ' || left(key_a, 4) || '... and ' || left(key_b, 4) || '...' as seed_row
    from {{ ref('identity_rules') }}
),

problems as (
    select
        seed_row,
        'key_b' as column_name,
        'is the same as key_a' as problem
    from rules
    where key_1 = key_2
    union all
    select
        min(seed_row),
        'key_b',
        'the two keys stand in ' || count(*) || ' rows of rule ' || rule
    from rules
    group by key_1, key_2, rule
    having count(*) > 1
    union all
    select
        splits.seed_row,
        'rule',
        'the two keys are merged in another row'
    from rules as splits
    inner join rules as others
        on
            splits.key_1 = others.key_1
            and splits.key_2 = others.key_2
    where splits.rule = 'split' and others.rule = 'merge'
)

select
    'identity_rules' as seed_name,
    'row of ' || seed_row as seed_row,
    column_name,
    problem
from problems
