-- One row per person and attribute with the value that survives what all sources say of it.
-- The attribute's rule decides, then the most recent statement, the source order and the value. A
-- phone or e-mail is a person's only while it stands for that same person.
with rules as (
    select * from {{ ref('survivorship') }}
),

attributes as (
    select * from {{ ref('int_person_attributes') }}
),

people as (
    select * from {{ ref('int_record_people') }}
),

owners as (
    select distinct node_id, user_key
    from {{ ref('int_identifier_people') }}
    where valid_to_at is null
),

statements as (
    select
        people.user_key,
        rules.rule,
        attributes.*
    from attributes
    inner join people on attributes.record_key = people.record_key
    inner join rules on attributes.attribute_name = rules.attribute_name
    left join owners
        on attributes.node_id = owners.node_id and people.user_key = owners.user_key
    where attributes.node_id is null or owners.node_id is not null
),

value_counts as (
    select
        user_key,
        attribute_name,
        attribute_value,
        count(*) as times_said
    from statements
    group by 1, 2, 3
),

attribute_counts as (
    select
        user_key,
        attribute_name,
        cast(sum(times_said) as bigint) as statement_count,
        count(*) as value_count
    from value_counts
    group by 1, 2
),

ranked as (
    select
        statements.*,
        row_number() over (
            partition by statements.user_key, statements.attribute_name
            order by
                case statements.rule
                    when 'verified_first' then case when statements.is_verified then 0 else 1 end
                    when 'source_priority' then statements.source_order
                    when 'most_frequent' then -1 * value_counts.times_said
                    when 'most_recent' then 0
                end asc nulls last,
                statements.said_at desc nulls last,
                statements.source_order asc nulls last,
                statements.attribute_value asc
        ) as statement_no
    from statements
    inner join value_counts
        on
            statements.user_key = value_counts.user_key
            and statements.attribute_name = value_counts.attribute_name
            and statements.attribute_value = value_counts.attribute_value
)

select
    ranked.user_key,
    ranked.attribute_name,
    ranked.attribute_value,
    ranked.source_name,
    ranked.table_name,
    ranked.is_verified,
    ranked.said_at,
    attribute_counts.statement_count,
    attribute_counts.value_count
from ranked
inner join attribute_counts
    on
        ranked.user_key = attribute_counts.user_key
        and ranked.attribute_name = attribute_counts.attribute_name
where ranked.statement_no = 1
