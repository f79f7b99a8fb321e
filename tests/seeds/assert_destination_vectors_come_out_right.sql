-- Each example comes out of the same expressions as an export does, written and hashed as expected;
-- each rule has an example, and each example a rule.
with rules as (
    select * from {{ ref('destination_rules') }}
),

vectors as (
    select * from {{ ref('destination_vectors') }}
),

tried as (
    select
        vectors.*,
        rules.normalisation,
        rules.hash,
        {{ normal_contact('vectors.raw_value', 'rules.normalisation') }} as normalised
    from vectors
    left join rules
        on
            vectors.destination = rules.destination
            and vectors.identifier = rules.identifier
            and vectors.valid_from_date = rules.valid_from_date
),

problems as (
    select
        'destination_vectors' as seed_name,
        destination || ' ' || raw_value as seed_row,
        'expected_normalised' as column_name,
        'is not what comes out: ' || coalesce(normalised, 'there is no such rule') as problem
    from tried
    where normalised is null or normalised <> expected_normalised
    union all
    select
        'destination_vectors',
        destination || ' ' || raw_value,
        'expected_output',
        'is not what comes out: ' || {{ hashed_contact('normalised', 'hash') }}
    from tried
    where {{ hashed_contact('normalised', 'hash') }} <> expected_output
    union all
    select
        'destination_rules',
        rules.destination || ' ' || rules.identifier || ' from ' || rules.valid_from_date,
        'normalisation',
        'has no example in destination_vectors'
    from rules
    left join vectors
        on
            rules.destination = vectors.destination
            and rules.identifier = vectors.identifier
            and rules.valid_from_date = vectors.valid_from_date
    where vectors.destination is null
)

select
    seed_name,
    'row of ' || seed_row as seed_row,
    column_name,
    problem
from problems
