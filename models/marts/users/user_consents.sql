-- One row per person, purpose and recipient that was decided about; who is not here said no.
-- Permission does not wait for the as-of day: a decision counts as soon as it is delivered.
select
    {{ key_of(['consents.user_key', 'consents.purpose', 'consents.recipient']) }}
        as user_consent_key,
    consents.user_key,
    consents.purpose,
    consents.recipient,
    consents.is_granted,
    {{ business_date('consents.decided_at') }} as decided_date
from {{ ref('int_consents') }} as consents
