-- One row per web event and identifier on it.
-- The cookie is there always, the customer only when logged in.
with events as (
    select
        {{ key_of(["'ga4'", "'events'", 'event_id']) }} as record_key,
        *
    from {{ ref('stg_ga4__events') }}
)

select
    record_key,
    'cookie' as identifier_type,
    stream_id as namespace,
    cookie_id as identifier_value,
    occurred_at as observed_at,
    load_no,
    first_load_no
from events
union all
select
    record_key,
    'customer',
    'shop',
    customer_id,
    occurred_at,
    load_no,
    first_load_no
from events
where customer_id is not null
