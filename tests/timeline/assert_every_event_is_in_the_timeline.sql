-- The timeline holds each event once, as it was delivered: none is left out, kept or changed
-- because of when it came.
with events as (
    select event_key, record_key, event_type, event_amount, occurred_at
    from {{ ref('int_events') }}
),

timeline as (
    select event_key, record_key, event_type, event_amount, occurred_at
    from {{ ref('int_events_identified') }}
)

select
    coalesce(events.event_key, timeline.event_key) as event_key,
    events.occurred_at,
    timeline.occurred_at as timeline_occurred_at
from events
full join timeline on events.event_key = timeline.event_key
where
    events.event_key is null
    or timeline.event_key is null
    or events.record_key <> timeline.record_key
    or events.event_type <> timeline.event_type
    or events.event_amount is distinct from timeline.event_amount
    or events.occurred_at <> timeline.occurred_at
