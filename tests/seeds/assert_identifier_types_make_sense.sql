-- The cells of one type of identifier fit each other, and no two types are alike.
with types as (
    select * from {{ ref('identifier_types') }}
),

problems as (
    select
        identifier_type,
        'identifier_type' as column_name,
        'stands in ' || count(*) || ' rows' as problem
    from types
    group by 1
    having count(*) > 1
    union all
    select
        types.identifier_type,
        'priority',
        types.priority || ' is also that of ' || others.identifier_type
    from types
    inner join types as others
        on
            types.priority = others.priority
            and types.identifier_type <> others.identifier_type
    union all
    select
        identifier_type,
        'priority',
        'is empty, and the role is ' || role
    from types
    where role in ('linking', 'assigned') and priority is null
    union all
    select
        identifier_type,
        'is_unique_per_person',
        'is true, and only a linking type can be'
    from types
    where role <> 'linking' and is_unique_per_person
    union all
    select
        identifier_type,
        'max_persons_per_value',
        max_persons_per_value || ' is more than the 8 stretches that a value is split into at most'
    from types
    where role = 'linking' and max_persons_per_value > 8
    union all
    select
        identifier_type,
        'window_days',
        'is empty, and a device or cookie stays with its person for that long'
    from types
    where role = 'assigned' and window_days is null
    union all
    select
        identifier_type,
        'window_days',
        'is empty, and max_records_per_window is counted over that many days'
    from types
    where role <> 'assigned' and max_records_per_window is not null and window_days is null
    union all
    select
        identifier_type,
        'claim_days',
        'is empty, and a login claims that many days before it'
    from types
    where role = 'assigned' and claim_days is null
    union all
    select
        identifier_type,
        'over_limit_policy',
        'is empty, and a linking type must say strongest or drop'
    from types
    where role = 'linking' and over_limit_policy is null
    union all
    select
        identifier_type,
        'over_limit_policy',
        'says ' || over_limit_policy || ', and only a linking type has one'
    from types
    where role <> 'linking' and over_limit_policy is not null
)

select
    'identifier_types' as seed_name,
    'row of identifier_type ' || identifier_type as seed_row,
    column_name,
    problem
from problems
