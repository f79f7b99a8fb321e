-- One row per delivered event of the app, judged.
-- A device clock that is off by more than 60 seconds is corrected by what the server received; of
-- copies sent again the one received first is the event.
{{ config(
    materialized='incremental', unique_key='event_id', event_time='occurred_at',
    post_hook="{{ forget_gone_loads(source('app', 'events')) }}"
) }}

with records as (
    select * from {{ source('app', 'events') }}
    where {{ is_touched(source('app', 'events'), app_event_id(), 'event_id') }}
),

typed as (
    select
        *,
        {{ app_event_id() }} as sent_event_id,
        coalesce({{ clean('app_id') }}, 'app') as app,
        {{ clean('device_id') }} as device,
        {{ clean('member_id') }} as member_no,
        {{ clean('event_name') }} as source_event_name,
        {{ to_integer('event_time') }} as event_ms,
        nullif({{ to_integer('sent_at') }}, 0) as sent_ms,
        nullif({{ to_integer('received_at') }}, 0) as received_ms
    from records
),

clocked as (
    select
        *,
        coalesce(abs(received_ms - sent_ms) > 60000, false) as is_clock_corrected,
        event_ms + case
            when abs(received_ms - sent_ms) > 60000 then received_ms - sent_ms else 0
        end as corrected_ms
    from typed
),

timed as (
    select
        *,
        {{ epoch_ms_to_utc('corrected_ms') }} as occurred_at,
        {{ epoch_ms_to_utc('received_ms') }} as server_received_at
    from clocked
),

judged as (
    select
        *,
        concat_ws(
            ';',
            {{ when_missing('device_id', 'device') }},
            {{ when_missing('event_name', 'source_event_name') }},
            {{ when_missing('event_time', clean('event_time')) }},
            {{ when_not_number('event_time', 'event_ms') }},
            {{ when_not_epoch('event_time', 'corrected_ms', 'occurred_at', 'milliseconds') }},
            case
                when corrected_ms > received_ms + 60000 then 'event_time:after_received'
            end,
            {{ when_not_number('sent_at', to_integer('sent_at')) }},
            case when abs(sent_ms) >= 100000000000000 then 'sent_at:not_milliseconds' end,
            {{ when_not_number('received_at', to_integer('received_at')) }},
            {{ when_not_epoch('received_at', 'received_ms', 'server_received_at', 'milliseconds') }}
        ) as reject_reasons
    from timed
),

ranked as (
    select
        *,
        row_number() over (
            partition by sent_event_id, reject_reasons = ''
            order by received_ms asc nulls last, _load_no desc, _record_no desc
        ) as copy_no,
        {{ first_clean_load('sent_event_id') }} as _first_load_no
    from judged
)

select
    sent_event_id as event_id,
    app,
    device,
    member_no,
    source_event_name,
    occurred_at,
    is_clock_corrected,
    lower({{ clean('platform') }}) as device_platform,
    {{ clean('page_name') }} as screen,
    lower({{ clean('install_source') }}) as installed_from,
    lower({{ clean('utm_source') }}) as traffic_source,
    lower({{ clean('utm_medium') }}) as traffic_medium,
    nullif({{ clean('utm_campaign') }}, '(not set)') as traffic_campaign,
    case
        when {{ clean('click_id') }} is not null
            then coalesce(lower({{ clean('click_id_type') }}), 'click_id')
    end as click_id_type,
    {{ clean('order_id') }} as shop_order_id,
    {{ row_status() }} as row_status,
    reject_reasons,
    _file,
    _record_no,
    _load_no,
    _first_load_no
from ranked
