-- One row per message to one person, with the first time each thing happened to it.
-- Clocks of tools and carriers differ, so times are told as reported and nothing is taken for
-- impossible: what was opened or clicked was delivered, whatever the receipt says.
with messages as (
    select
        {{ key_of(["'messaging'", "'messages'", 'message_id']) }} as message_key,
        *
    from {{ ref('stg_messaging__messages') }}
),

events as (
    select * from {{ ref('stg_messaging__message_events') }}
),

failures as (
    select
        message_id,
        failure_code,
        row_number() over (
            partition by message_id order by occurred_at desc, message_event_id desc
        ) as failure_no
    from events
    where event_type = 'message_failed'
),

happened as (
    select
        message_id,
        min(case when event_type = 'message_delivered' then occurred_at end) as delivered_at,
        max(case when event_type = 'message_delivered' then occurred_at end) as last_delivered_at,
        max(case when event_type = 'message_failed' then occurred_at end) as last_failed_at,
        min(
            case when event_type = 'message_opened' and not is_machine then occurred_at end
        ) as opened_at,
        min(
            case when event_type = 'message_clicked' and not is_machine then occurred_at end
        ) as clicked_at,
        min(case when event_type = 'message_unsubscribed' then occurred_at end) as unsubscribed_at,
        count(case when event_type = 'message_opened' and is_machine then 1 end) as machine_opens,
        count(
            case when event_type in ('message_opened', 'message_clicked') then 1 end
        ) as signs_of_arrival
    from events
    group by 1
),

measured as (
    select
        messages.*,
        happened.delivered_at,
        happened.opened_at,
        happened.clicked_at,
        happened.unsubscribed_at,
        happened.last_failed_at,
        failures.failure_code,
        coalesce(happened.machine_opens, 0) > 0 as is_machine_opened,
        -- A receipt may take back an earlier one, so the later of the two is believed.
        coalesce(
            happened.signs_of_arrival > 0
            or happened.last_delivered_at
            >= coalesce(happened.last_failed_at, happened.last_delivered_at), false
        ) as is_delivered
    from messages
    left join happened on messages.message_id = happened.message_id
    left join failures on messages.message_id = failures.message_id and failures.failure_no = 1
)

select
    message_key,
    channel_key,
    campaign_name,
    experiment_id,
    arm,
    case
        when not is_delivered and last_failed_at is not null then coalesce(failure_code, 'unknown')
    end as failure_code,
    not is_control as is_sent,
    is_delivered,
    not is_delivered and last_failed_at is not null as is_failed,
    is_machine_opened,
    opened_at is not null as is_opened,
    clicked_at is not null as is_clicked,
    unsubscribed_at is not null as is_unsubscribed,
    scheduled_at,
    case when not is_control then scheduled_at end as sent_at,
    delivered_at,
    opened_at,
    clicked_at,
    unsubscribed_at,
    {{ traffic_key('measured') }} as traffic_key,
    load_no
from measured
