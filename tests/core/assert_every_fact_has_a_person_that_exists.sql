-- No event keeps a person that identity no longer knows.
select events.event_key
from {{ ref('int_events_identified') }} as events
left join {{ ref('int_record_people') }} as people on events.record_key = people.record_key
where events.user_key <> coalesce(people.user_key, 'unknown')
