-- One row per event of a message.
-- Its channel is for events whose message is not known; without any it is `message`, which no
-- channel rule knows: counted as unassigned, never as a direct visit.
-- A code that could hold a number or an address is `other`: marts show codes, never words.
select
    message_event_id,
    message_no as message_id,
    message_event_type as event_type,
    is_machine,
    case
        when failure_code is null then null
        when length(failure_code) > 60 or {{ matches('failure_code', '@|[0-9]{6}') }} then 'other'
        else failure_code
    end as failure_code,
    coalesce(channel_key, 'message') as traffic_source,
    coalesce(channel_key, 'message') as traffic_medium,
    cast(null as varchar(500)) as traffic_campaign,
    cast(null as varchar(50)) as click_id_type,
    event_at as occurred_at,
    _load_no as load_no
from {{ ref('base_messaging__message_events') }}
where row_status = 'accepted'
