-- One row per message to one person, with what became of it; held-out recipients are rows too.
-- Nothing was sent to those, so they have no `sent_at`; `scheduled_at` is where both arms begin.
with messages as (
    select * from {{ ref('int_messages') }}
),

people as (
    select * from {{ ref('int_record_people') }}
),

traffic as (
    select * from {{ ref('int_traffic') }}
)

select
    messages.message_key,
    coalesce(people.user_key, 'unknown') as user_key,
    messages.channel_key,
    coalesce(traffic.campaign_key, 'unknown') as campaign_key,
    messages.experiment_id,
    messages.failure_code,
    messages.campaign_name,
    messages.arm,
    messages.is_sent,
    messages.is_delivered,
    messages.is_failed,
    messages.is_machine_opened,
    messages.is_opened,
    messages.is_clicked,
    messages.is_unsubscribed,
    {{ business_date('messages.scheduled_at') }} as scheduled_date,
    messages.scheduled_at,
    messages.sent_at,
    messages.delivered_at,
    messages.opened_at,
    messages.clicked_at,
    messages.unsubscribed_at
from messages
left join people on messages.message_key = people.record_key
left join traffic on messages.traffic_key = traffic.traffic_key
