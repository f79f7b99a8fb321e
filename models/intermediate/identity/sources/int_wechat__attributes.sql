-- One row per mini program event on which a person granted the phone that WeChat had checked.
select
    {{ key_of(["'wechat'", "'mini_program_events'", 'event_id']) }} as record_key,
    'mini_program_events' as table_name,
    'phone' as attribute_name,
    phone as attribute_value,
    occurred_at as said_at
from {{ ref('stg_wechat__mini_program_events') }}
where phone_quality = 'ok'
