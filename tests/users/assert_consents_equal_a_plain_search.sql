-- A person's permission is that of the decision no later one follows, and no where one of that same
-- moment says no; searched for here from what members said, without ranking.
with decisions as (
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

expected as (
    select
        decisions.user_key,
        decisions.purpose,
        decisions.recipient,
        min(decisions.consent_status) = 'granted' as is_granted
    from decisions
    where
        not exists (
            select later.user_key
            from decisions as later
            where
                later.user_key = decisions.user_key
                and later.purpose = decisions.purpose
                and later.recipient = decisions.recipient
                and later.decided_at > decisions.decided_at
        )
    group by 1, 2, 3
)

select coalesce(expected.user_key, consents.user_key) as user_key
from expected
full outer join {{ ref('user_consents') }} as consents
    on
        expected.user_key = consents.user_key
        and expected.purpose = consents.purpose
        and expected.recipient = consents.recipient
where
    expected.user_key is null
    or consents.user_key is null
    or expected.is_granted <> consents.is_granted
