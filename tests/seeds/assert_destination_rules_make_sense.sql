-- Words of a rule fit what they are said of, and every audience has a rule for what it sends.
with rules as (
    select * from {{ ref('destination_rules') }}
),

audiences as (
    select * from {{ ref('audiences') }}
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
    union all
    select
        'audiences',
        audience_name,
        'contact_type',
        destination || ' has no rule for ' || contact_type || ' in destination_rules'
    from audiences
    where
        not exists (
            select rules.destination
            from rules
            where
                rules.destination = audiences.destination
                and rules.identifier = audiences.contact_type
        )
    union all
    select
        'audiences',
        audience_name,
        case when contact_days is null then 'contact_days' else 'max_contacts' end,
        'is empty, and max_contacts and contact_days stand together'
    from audiences
    where (max_contacts is null) <> (contact_days is null)
)

select
    seed_name,
    'row of ' || seed_row as seed_row,
    column_name,
    problem
from problems
