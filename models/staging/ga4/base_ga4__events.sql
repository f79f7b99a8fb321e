-- One row per delivered web event, judged.
-- Analytics gives no event id: stream, cookie, time, name and position in the upload make the key.
{{ config(
    materialized='incremental', unique_key='event_id', event_time='occurred_at',
    post_hook="{{ forget_gone_loads(source('ga4', 'events')) }}"
) }}

with records as (
    select * from {{ source('ga4', 'events') }}
    where {{ is_touched(source('ga4', 'events'), ga4_event_id(), 'event_id') }}
),

typed as (
    select
        *,
        {{ ga4_event_id() }} as event_id,
        {{ clean('user_pseudo_id') }} as cookie_id,
        {{ clean('user_id') }} as shop_customer_id,
        coalesce({{ clean('stream_id') }}, '') as stream,
        {{ clean('event_name') }} as source_event_name,
        {{ to_integer('event_timestamp') }} as event_us,
        {{ epoch_us_to_utc(to_integer('event_timestamp')) }} as occurred_at
    from records
),

judged as (
    select
        *,
        concat_ws(
            ';',
            {{ when_missing('user_pseudo_id', 'cookie_id') }},
            {{ when_missing('event_name', 'source_event_name') }},
            {{ when_missing('event_timestamp', clean('event_timestamp')) }},
            {{ when_not_number('event_timestamp', 'event_us') }},
            case when occurred_at > _loaded_at then 'event_timestamp:in_future' end,
            case when event_us < 946684800000000 then 'event_timestamp:not_microseconds' end
        ) as reject_reasons
    from typed
),

ranked as (
    select
        *,
        row_number() over (
            partition by event_id, reject_reasons = ''
            order by _load_no desc, _record_no desc
        ) as copy_no,
        {{ first_clean_load('event_id') }} as _first_load_no
    from judged
)

select
    event_id,
    cookie_id,
    shop_customer_id,
    stream,
    source_event_name,
    occurred_at,
    {{ clean('page_location') }} as page_url,
    nullif(lower({{ clean('source') }}), '(not set)') as traffic_source,
    nullif(lower({{ clean('medium') }}), '(not set)') as traffic_medium,
    coalesce(
        case when not {{ is_ga4_word('campaign') }} then {{ clean('campaign') }} end,
        case
            when {{ clean('gclid') }} is not null and not {{ is_ga4_word('google_ads_campaign') }}
                then {{ clean('google_ads_campaign') }}
        end
    ) as traffic_campaign,
    coalesce(
        case
            when {{ clean('gclid') }} is not null then 'gclid'
            when {{ clean('dclid') }} is not null then 'dclid'
        end,
        {{ ad_click_id_type('page_location') }},
        case when {{ clean('srsltid') }} is not null then 'srsltid' end,
        {{ link_click_id_type('page_location') }}
    ) as click_id_type,
    lower({{ clean('device_category') }}) as device_type,
    {{ clean('transaction_id') }} as shop_order_id,
    {{ row_status() }} as row_status,
    reject_reasons,
    _file,
    _record_no,
    _load_no,
    _first_load_no
from ranked
