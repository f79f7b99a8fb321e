-- One row per member of a ready audience with the contact as its destination wants it.
-- Of a destination's rules the latest that has begun by the as-of day counts, else its first. A
-- view: what goes out is worked out when it is read, and nothing of it is kept in the warehouse.
{{ config(materialized='view', schema='restricted_exports', meta={'publish': false}) }}

with audiences as (
    select * from {{ ref('act_audiences') }} where audience_status = 'ready'
),

members as (
    select * from {{ ref('act_audience_members') }} where member_status = 'member'
),

contacts as (
    select * from {{ ref('int_contact_points') }}
),

as_of as (
    select as_of_date from {{ ref('dim_as_of') }} where metric_family = 'orders'
),

rules as (
    select
        rules.*,
        row_number() over (
            partition by rules.destination, rules.identifier
            order by
                case when rules.valid_from_date <= as_of.as_of_date then 0 else 1 end,
                case when rules.valid_from_date <= as_of.as_of_date then rules.valid_from_date end
                desc nulls last,
                rules.valid_from_date asc
        ) as rule_no
    from {{ ref('destination_rules') }} as rules
    cross join as_of
),

written as (
    select
        members.audience_member_key,
        members.user_key,
        members.audience_name,
        audiences.destination,
        rules.file_header,
        rules.hash,
        {{ normal_contact('contacts.contact_value', 'rules.normalisation') }} as contact_text
    from members
    inner join audiences on members.audience_name = audiences.audience_name
    inner join contacts
        on
            members.user_key = contacts.user_key
            and audiences.contact_type = contacts.contact_type
    inner join rules
        on
            audiences.destination = rules.destination
            and audiences.contact_type = rules.identifier
            and rules.rule_no = 1
)

select
    audience_member_key,
    user_key,
    audience_name,
    destination,
    file_header,
    {{ hashed_contact('contact_text', 'hash') }} as contact_value
from written
