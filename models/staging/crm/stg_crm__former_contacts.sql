-- One row per member, phone and e-mail that an older version of the member told.
-- Only what the newest version does not tell as early; where nothing can link, there is no row.
with versions as (
    select
        member_no as member_id,
        row_status,
        {{ normal_email('email') }} as email,
        {{ normal_phone('phone') }} as phone,
        {{ phone_quality('phone') }} as phone_quality,
        coalesce(changed_at, joined_at) as told_at,
        _load_no
    from {{ ref('base_crm__members') }}
    where row_status <> 'rejected'
),

contacts as (
    select
        member_id,
        email,
        phone,
        phone_quality,
        min(case when row_status = 'superseded' then told_at end) as told_at,
        max(case when row_status = 'superseded' then _load_no end) as load_no,
        min(case when row_status = 'superseded' then _load_no end) as first_load_no,
        min(case when row_status = 'accepted' then told_at end) as told_again_at,
        bool_or(row_status = 'accepted') as is_told_again
    from versions
    where phone_quality = 'ok' or email is not null
    group by 1, 2, 3, 4
)

select
    {{ key_of(['member_id', 'email', 'phone', 'phone_quality']) }} as contact_key,
    member_id,
    email,
    phone,
    phone_quality,
    told_at,
    load_no,
    first_load_no
from contacts
where load_no is not null and (not is_told_again or told_at < told_again_at)
