-- One row per delivered change of a consent, judged.
-- Keyed by member, purpose, recipient, time and answer: every change is kept, and of two answers of
-- one moment both, since a no must not be lost to the order of rows.
{{ config(
    materialized='incremental', unique_key='consent_key',
    post_hook="{{ forget_gone_loads(source('crm', 'consents')) }}"
) }}

with records as (
    select * from {{ source('crm', 'consents') }}
    where {{ is_touched(source('crm', 'consents'), consent_key_of(), 'consent_key') }}
),

typed as (
    select
        *,
        {{ consent_key_of() }} as consent_key,
        {{ clean('member_id') }} as member_no,
        lower({{ clean('purpose') }}) as consent_purpose,
        lower({{ clean('recipient') }}) as consent_recipient,
        lower({{ clean('status') }}) as consent_status,
        {{ to_utc('changed_at') }} as consent_changed_at
    from records
),

judged as (
    select
        *,
        concat_ws(
            ';',
            {{ when_missing('member_id', 'member_no') }},
            {{ when_missing('purpose', 'consent_purpose') }},
            {{ when_missing('recipient', 'consent_recipient') }},
            case when consent_status not in ('granted', 'denied') then 'status:unknown' end,
            {{ when_missing('status', 'consent_status') }},
            {{ when_missing('changed_at', clean('changed_at')) }},
            {{ when_not_utc('changed_at', 'consent_changed_at') }}
        ) as reject_reasons
    from typed
),

ranked as (
    select
        *,
        row_number() over (
            partition by consent_key, reject_reasons = ''
            order by _load_no desc, _record_no desc
        ) as copy_no
    from judged
)

select
    consent_key,
    member_no,
    consent_purpose,
    consent_recipient,
    consent_status,
    consent_changed_at,
    {{ row_status() }} as row_status,
    reject_reasons,
    _file,
    _record_no,
    _load_no
from ranked
