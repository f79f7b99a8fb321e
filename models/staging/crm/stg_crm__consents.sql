-- One row per decision of a member about a purpose and a recipient.
-- The latest decision wins; no decision means no.
select
    consent_key,
    member_no as member_id,
    consent_purpose as purpose,
    consent_recipient as recipient,
    consent_status,
    consent_changed_at as decided_at,
    _load_no as load_no
from {{ ref('base_crm__consents') }}
where row_status = 'accepted'
