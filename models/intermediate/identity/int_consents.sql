-- One row per person, purpose and recipient with the decision that counts: the latest one made.
-- When it was made decides, not when it was delivered, so older data imported later undo no
-- withdrawal; of two made at one moment the no counts. Who never decided has no row: that means no.
with consents as (
    select * from {{ ref('stg_crm__consents') }}
),

people as (
    select * from {{ ref('int_record_people') }}
),

decisions as (
    select
        people.user_key,
        consents.purpose,
        consents.recipient,
        consents.consent_status,
        consents.decided_at,
        row_number() over (
            partition by people.user_key, consents.purpose, consents.recipient
            order by
                consents.decided_at desc,
                case when consents.consent_status = 'granted' then 1 else 0 end asc
        ) as decision_no
    from consents
    inner join people
        on {{ key_of(["'crm'", "'members'", 'consents.member_id']) }} = people.record_key
)

select
    user_key,
    purpose,
    recipient,
    consent_status = 'granted' as is_granted,
    decided_at
from decisions
where decision_no = 1
