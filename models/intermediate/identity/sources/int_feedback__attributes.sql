-- One row per response and contact point its giver left.
with responses as (
    select
        {{ key_of(["'feedback'", "'responses'", 'response_id']) }} as record_key,
        *
    from {{ ref('stg_feedback__responses') }}
)

select
    record_key,
    'responses' as table_name,
    'phone' as attribute_name,
    phone as attribute_value,
    responded_at as said_at
from responses
where phone_quality = 'ok'
union all
select record_key, 'responses', 'email', email, responded_at from responses where email is not null
