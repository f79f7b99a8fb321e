-- What is blocked is of a type that exists, stands once, and is written as values are normalised.
-- Only the beginning of a value is shown.
with types as (
    select * from {{ ref('identifier_types') }}
),

identifiers as (
    select
        identifier_type,
        identifier_value,
        left(identifier_value, 3) || '...' as value_begins
    from {{ ref('blocked_identifiers') }}
),

patterns as (
    select * from {{ ref('blocked_patterns') }}
),

problems as (
    select
        'blocked_identifiers' as seed_name,
        identifier_type || ' ' || value_begins as seed_row,
        'identifier_type' as column_name,
        'is no type of identifier_types' as problem
    from identifiers
    where identifier_type not in (select types.identifier_type from types)
    union all
    select
        'blocked_identifiers',
        identifier_type || ' ' || value_begins,
        'identifier_value',
        'stands in ' || count(*) || ' rows'
    from identifiers
    group by identifier_type, identifier_value, value_begins
    having count(*) > 1
    union all
    select
        'blocked_identifiers',
        'phone ' || value_begins,
        'identifier_value',
        'is not + with country code and digits, as phones are normalised, so it would block nothing'
    from identifiers
    where
        identifier_type = 'phone' and not {{ matches('identifier_value', '^[+][1-9][0-9]{6,14}$') }}
    union all
    select
        'blocked_identifiers',
        'email ' || value_begins,
        'identifier_value',
        'is no address in small letters, as e-mails are normalised, so it would block nothing'
    from identifiers
    where
        identifier_type = 'email'
        and not {{ matches('identifier_value', '^[^@ A-Z]+@[^@ A-Z]+[.][^@ A-Z]+$') }}
    union all
    select
        'blocked_patterns',
        identifier_type || ' ' || pattern,
        'identifier_type',
        'is neither * nor a type of identifier_types'
    from patterns
    where
        identifier_type <> '*'
        and identifier_type not in (select types.identifier_type from types)
    union all
    select
        'blocked_patterns',
        identifier_type || ' ' || pattern,
        'pattern',
        'stands in ' || count(*) || ' rows'
    from patterns
    group by identifier_type, pattern
    having count(*) > 1
)

select
    seed_name,
    'row of ' || seed_row as seed_row,
    column_name,
    problem
from problems
