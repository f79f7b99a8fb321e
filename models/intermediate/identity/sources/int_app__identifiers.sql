-- One row per event of the app and identifier on it.
-- The device is there always, the member only when logged in; advertising ids never come here.
-- A device id means the same in every app of the business and in the tool that pushes to it.
with events as (
    select
        {{ key_of(["'app'", "'events'", 'event_id']) }} as record_key,
        *
    from {{ ref('stg_app__events') }}
)

select
    record_key,
    'device' as identifier_type,
    '' as namespace,
    device_id as identifier_value,
    occurred_at as observed_at,
    load_no,
    first_load_no
from events
union all
select
    record_key,
    'member',
    'crm',
    member_id,
    occurred_at,
    load_no,
    first_load_no
from events
where member_id is not null
