-- One row per event of the app and identifier on it.
-- The device is there always, the member only when logged in; advertising ids never come here.
with events as (
    select
        {{ key_of(["'app'", "'events'", 'event_id']) }} as record_key,
        *
    from {{ ref('stg_app__events') }}
)

select
    record_key,
    'device' as identifier_type,
    app_id as namespace,
    device_id as identifier_value,
    occurred_at as observed_at,
    load_no
from events
union all
select
    record_key,
    'member',
    'crm',
    member_id,
    occurred_at,
    load_no
from events
where member_id is not null
