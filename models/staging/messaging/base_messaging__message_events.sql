-- One row per delivered event of a message, judged.
-- Keyed by its id, else by message, event, time and link. Its message may come later or never.
{{ config(
    materialized='incremental', unique_key='message_event_id', event_time='event_at',
    post_hook="{{ forget_gone_loads(source('messaging', 'message_events')) }}"
) }}

with records as (
    select * from {{ source('messaging', 'message_events') }}
    where {{ is_touched(
        source('messaging', 'message_events'), message_event_id(), 'message_event_id'
    ) }}
),

channels as (
    select * from {{ ref('message_channels') }}
),

names as (
    select * from {{ ref('event_names') }} where source_name = 'messaging'
),

typed as (
    select
        records.*,
        {{ message_event_id() }} as message_event_id,
        {{ clean('records.message_id') }} as message_no,
        names.event_type as message_event_type,
        channels.channel_key,
        {{ any_time_to_utc(
            'records.occurred_at',
            declared('messaging', 'message_events', 'occurred_at', 'time_zone')
        ) }} as event_at,
        {{ to_boolean('records.machine_open') }}
        or {{ to_boolean('records.is_suspected_bot_click') }} as is_machine,
        lower({{ clean('records.reason_code') }}) as failure_code
    from records
    left join names on {{ plain_word('records.event_name') }} = names.source_event_name
    left join channels on {{ plain_word('records.channel') }} = channels.source_channel
),

judged as (
    select
        *,
        concat_ws(
            ';',
            {{ when_missing('message_id', 'message_no') }},
            {{ when_missing('event_name', clean('event_name')) }},
            case
                when {{ clean('event_name') }} is not null and message_event_type is null
                    then 'event_name:unknown'
            end,
            {{ when_missing('occurred_at', clean('occurred_at')) }},
            {{ when_not_time('occurred_at', 'event_at') }}
        ) as reject_reasons
    from typed
),

ranked as (
    select
        *,
        row_number() over (
            partition by message_event_id, reject_reasons = ''
            order by _load_no desc, _record_no desc
        ) as copy_no
    from judged
)

select
    message_event_id,
    message_no,
    message_event_type,
    channel_key,
    is_machine,
    failure_code,
    event_at,
    {{ row_status() }} as row_status,
    reject_reasons,
    _file,
    _record_no,
    _load_no
from ranked
