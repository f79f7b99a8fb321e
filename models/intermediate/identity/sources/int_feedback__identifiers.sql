-- One row per response and identifier its giver left.
-- An anonymous response has none and stays nobody's, also when it names an order.
with responses as (
    select
        {{ key_of(["'feedback'", "'responses'", 'response_id']) }} as record_key,
        *
    from {{ ref('stg_feedback__responses') }}
)

select
    record_key,
    'member' as identifier_type,
    'crm' as namespace,
    member_id as identifier_value,
    responded_at as observed_at,
    load_no,
    first_load_no
from responses
where member_id is not null
union all
select record_key, 'openid', app_id, openid, responded_at, load_no, first_load_no
from responses
where openid is not null
union all
select record_key, 'phone', '', phone, responded_at, load_no, first_load_no
from responses
where phone_quality = 'ok'
union all
select record_key, 'email', '', email, responded_at, load_no, first_load_no
from responses
where email is not null
