-- One row per customer account of the mall.
-- Only phones of quality ok may link an account to a person.
select
    customer_id,
    {{ normal_email('email') }} as email,
    {{ normal_phone('phone') }} as phone,
    {{ phone_quality('phone') }} as phone_quality,
    province,
    registered_at,
    changed_at,
    _load_no as load_no,
    _first_load_no as first_load_no,
    _phone_first_load_no as phone_first_load_no,
    _email_first_load_no as email_first_load_no
from {{ ref('base_shop__customers') }}
where row_status = 'accepted'
