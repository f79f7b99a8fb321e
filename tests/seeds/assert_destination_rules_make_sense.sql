-- Words of a rule fit what they are said of, and no ad platform gets a contact as it is.
with rules as (
    select * from {{ ref('destination_rules') }}
),

problems as (
    select
        'destination_rules' as seed_name,
        destination || ' ' || identifier as seed_row,
        'normalisation' as column_name,
        normalisation || ' is not for ' || identifier as problem
    from rules
    where (normalisation in ('e164', 'digits_with_country')) <> (identifier = 'phone')
    union all
    select
        'destination_rules',
        destination || ' ' || identifier,
        'hash',
        'is none, and an ad platform must never get a contact as it is'
    from rules
    where hash = 'none' and destination not in ('csv', 'sms')
)

select
    seed_name,
    'row of ' || seed_row as seed_row,
    column_name,
    problem
from problems
