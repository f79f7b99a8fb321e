-- Every audience has a rule for what it sends, limits that are whole, and tags that exist.
with audiences as (
    select * from {{ ref('audiences') }}
),

rules as (
    select distinct destination, identifier from {{ ref('destination_rules') }}
),

tags as (
    select distinct tag_name from {{ ref('tag_rules') }}
),

known_tags as (
    select
        audiences.audience_name,
        count(*) as known_count
    from audiences
    inner join tags on {{ has_word('audiences.required_tags', 'tags.tag_name') }}
    group by 1
),

problems as (
    select
        'audiences' as seed_name,
        audiences.audience_name as seed_row,
        'contact_type' as column_name,
        audiences.destination || ' has no rule for ' || audiences.contact_type
        || ' in destination_rules' as problem
    from audiences
    left join rules
        on
            audiences.destination = rules.destination
            and audiences.contact_type = rules.identifier
    where rules.destination is null
    union all
    select
        'audiences',
        audience_name,
        case when contact_days is null then 'contact_days' else 'max_contacts' end,
        'is empty, and max_contacts and contact_days stand together'
    from audiences
    where (max_contacts is null) <> (contact_days is null)
    union all
    select
        'audiences',
        audiences.audience_name,
        'required_tags',
        'names a tag twice or one that is not in tag_rules'
    from audiences
    left join known_tags on audiences.audience_name = known_tags.audience_name
    where coalesce(known_tags.known_count, 0) <> {{ words_in('audiences.required_tags') }}
)

select
    seed_name,
    'row of ' || seed_row as seed_row,
    column_name,
    problem
from problems
