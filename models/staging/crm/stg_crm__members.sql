-- One row per member.
-- The member id is the one identifier that is unique per person.
select
    member_no as member_id,
    {{ normal_email('email') }} as email,
    {{ normal_phone('phone') }} as phone,
    {{ phone_quality('phone') }} as phone_quality,
    region as region_code,
    born_on as birth_date,
    is_employee as is_staff,
    joined_at as registered_at,
    changed_at,
    _load_no as load_no,
    _first_load_no as first_load_no,
    _phone_first_load_no as phone_first_load_no,
    _email_first_load_no as email_first_load_no
from {{ ref('base_crm__members') }}
where row_status = 'accepted'
