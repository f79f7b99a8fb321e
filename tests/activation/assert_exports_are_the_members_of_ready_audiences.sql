-- What is exported is every member of every ready audience and nobody else; an ad platform gets
-- 64 characters of a hash and never a contact.
with exported as (
    select user_key, audience_name, contact_value, 'csv' as destination
    from {{ ref('export_csv') }}
    union all
    select user_key, audience_name, contact_value, 'google_ads' from {{ ref('export_google_ads') }}
    union all
    select user_key, audience_name, contact_value, 'meta_ads' from {{ ref('export_meta_ads') }}
    union all
    select user_key, audience_name, contact_value, 'sms' from {{ ref('export_sms') }}
    union all
    select user_key, audience_name, contact_value, 'tiktok_ads' from {{ ref('export_tiktok_ads') }}
),

expected as (
    select members.user_key, members.audience_name, audiences.destination
    from {{ ref('act_audience_members') }} as members
    inner join {{ ref('act_audiences') }} as audiences
        on members.audience_name = audiences.audience_name
    where members.member_status = 'member' and audiences.audience_status = 'ready'
)

select coalesce(exported.user_key, expected.user_key) as user_key
from exported
full outer join expected
    on
        exported.user_key = expected.user_key
        and exported.audience_name = expected.audience_name
        and exported.destination = expected.destination
where
    exported.user_key is null
    or expected.user_key is null
    or (
        exported.destination in ('google_ads', 'meta_ads', 'tiktok_ads')
        and not {{ matches('exported.contact_value', '^[0-9a-f]{64}$') }}
    )
