-- Counted from what was delivered, every message that was not held out is one reach of its channel,
-- and every click that no machine made is a click: in the mart and in the timeline.
with sent as (
    select count(*) as row_count
    from {{ ref('base_messaging__messages') }}
    where row_status = 'accepted' and not is_control
),

clicked as (
    select count(distinct messages.message_no) as row_count
    from {{ ref('base_messaging__messages') }} as messages
    inner join {{ ref('base_messaging__message_events') }} as events
        on messages.message_no = events.message_no
    where
        messages.row_status = 'accepted' and events.row_status = 'accepted'
        and events.message_event_type = 'message_clicked' and not events.is_machine
),

clicks as (
    select count(*) as row_count
    from {{ ref('base_messaging__message_events') }}
    where
        row_status = 'accepted' and message_event_type = 'message_clicked' and not is_machine
),

facts as (
    select
        count(case when is_sent and sent_at is not null then 1 end) as sent_count,
        count(case when is_clicked and clicked_at is not null then 1 end) as clicked_count
    from {{ ref('fct_messages') }}
),

events as (
    select
        count(case when event_type = 'message_sent' then 1 end) as sent_count,
        count(case when event_type = 'message_clicked' then 1 end) as click_count
    from {{ ref('fct_events') }}
),

touches as (
    select count(*) as click_count
    from {{ ref('fct_touchpoints') }}
    where source_name = 'messaging'
)

select
    sent.row_count,
    facts.sent_count,
    clicked.row_count as clicked_count,
    events.click_count
from sent
cross join clicked
cross join clicks
cross join facts
cross join events
cross join touches
where
    sent.row_count <> facts.sent_count
    or sent.row_count <> events.sent_count
    or clicked.row_count <> facts.clicked_count
    or clicks.row_count <> events.click_count
    or clicks.row_count <> touches.click_count
