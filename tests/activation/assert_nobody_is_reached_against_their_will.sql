-- Whoever is reached or held out agreed, purpose by purpose, in what members said themselves;
-- nobody of them is staff or a minor or has unsubscribed since. Searched for here below the marts.
with reached as (
    select
        members.audience_name,
        members.user_key,
        audiences.purpose,
        audiences.recipient,
        case when audiences.contact_type = 'phone' then 'sms' else 'email' end as channel_key
    from {{ ref('act_audience_members') }} as members
    inner join {{ ref('audiences') }} as audiences
        on members.audience_name = audiences.audience_name
    where members.member_status <> 'excluded'
),

decisions as (
    select
        people.user_key,
        said.purpose,
        said.recipient,
        said.consent_status,
        said.decided_at
    from {{ ref('stg_crm__consents') }} as said
    inner join {{ ref('int_record_people') }} as people
        on {{ key_of(["'crm'", "'members'", 'said.member_id']) }} = people.record_key
),

granted as (
    select
        reached.audience_name,
        reached.user_key,
        decisions.purpose,
        max(case when decisions.consent_status = 'granted' then decisions.decided_at end)
            as granted_at,
        max(case when decisions.consent_status = 'denied' then decisions.decided_at end)
            as denied_at
    from reached
    inner join decisions
        on
            reached.user_key = decisions.user_key
            and reached.recipient = decisions.recipient
            and {{ has_word('reached.purpose', 'decisions.purpose') }}
    group by 1, 2, 3
),

agreed as (
    select audience_name, user_key, count(*) as purposes
    from granted
    where granted_at > coalesce(denied_at, timestamp '1970-01-01 00:00:00')
    group by 1, 2
),

members_of_staff as (
    select distinct people.user_key
    from {{ ref('stg_crm__members') }} as crm_members
    inner join {{ ref('int_record_people') }} as people
        on {{ key_of(["'crm'", "'members'", 'crm_members.member_id']) }} = people.record_key
    where crm_members.is_staff
)

select reached.user_key, 'without consent' as problem
from reached
left join agreed
    on reached.audience_name = agreed.audience_name and reached.user_key = agreed.user_key
where
    agreed.user_key is null
    or agreed.purposes < {{ words_in('reached.purpose') }}
union all
select reached.user_key, 'unsubscribed since'
from reached
inner join {{ ref('fct_messages') }} as messages
    on reached.user_key = messages.user_key and reached.channel_key = messages.channel_key
inner join granted
    on reached.audience_name = granted.audience_name and reached.user_key = granted.user_key
where messages.is_unsubscribed and messages.unsubscribed_at >= granted.granted_at
union all
select reached.user_key, 'staff'
from reached
inner join members_of_staff on reached.user_key = members_of_staff.user_key
union all
select reached.user_key, 'a minor'
from reached
inner join {{ ref('int_golden_record') }} as golden
    on reached.user_key = golden.user_key and golden.attribute_name = 'birth_date'
inner join {{ ref('dim_as_of') }} as as_of on as_of.metric_family = 'activity'
where
    golden.attribute_value
    > cast(
        {{ add_years('as_of.as_of_date', '-1 * ' ~ var('minor_age_years')) }}
        as {{ dbt.type_string() }}
    )
