-- One row per delivered event of a mini program, judged.
-- A log without ids is keyed by mini program, openid, second, name and sequence.
{{ config(
    materialized='incremental', unique_key='event_id', event_time='occurred_at',
    post_hook="{{ forget_gone_loads(source('wechat', 'mini_program_events')) }}"
) }}

with records as (
    select * from {{ source('wechat', 'mini_program_events') }}
    where {{ is_touched(source('wechat', 'mini_program_events'), wechat_event_id(), 'event_id') }}
),

typed as (
    select
        *,
        {{ wechat_event_id() }} as logged_event_id,
        {{ clean('appid') }} as mini_program_id,
        {{ clean('openid') }} as visitor_openid,
        {{ clean('unionid') }} as visitor_unionid,
        {{ clean('member_id') }} as member_no,
        {{ clean('customer_id') }} as shop_customer_id,
        {{ clean('event_name') }} as source_event_name,
        {{ to_integer('event_time') }} as event_s
    from records
),

timed as (
    select *, {{ epoch_s_to_utc('event_s') }} as occurred_at from typed
),

judged as (
    select
        *,
        concat_ws(
            ';',
            {{ when_missing('appid', 'mini_program_id') }},
            {{ when_missing('openid', 'visitor_openid') }},
            {{ when_missing('event_name', 'source_event_name') }},
            {{ when_missing('event_time', clean('event_time')) }},
            {{ when_not_number('event_time', 'event_s') }},
            {{ when_not_epoch('event_time', 'event_s', 'occurred_at', 'seconds') }}
        ) as reject_reasons
    from timed
),

ranked as (
    select
        *,
        row_number() over (
            partition by logged_event_id, reject_reasons = ''
            order by _load_no desc, _record_no desc
        ) as copy_no,
        {{ first_clean_load('logged_event_id') }} as _first_load_no
    from judged
)

select
    logged_event_id as event_id,
    mini_program_id,
    visitor_openid,
    visitor_unionid,
    coalesce({{ clean('entity') }}, '') as unionid_entity,
    member_no,
    shop_customer_id,
    phone,
    source_event_name,
    occurred_at,
    {{ clean('scene') }} as scene_code,
    {{ clean('page_path') }} as page,
    lower({{ clean('utm_source') }}) as utm_source,
    lower({{ clean('utm_medium') }}) as utm_medium,
    nullif({{ clean('utm_campaign') }}, '(not set)') as utm_campaign,
    case when {{ clean('gdt_vid') }} is not null then 'gdt_vid' end as click_id_type,
    {{ clean('order_id') }} as shop_order_id,
    {{ row_status() }} as row_status,
    reject_reasons,
    _file,
    _record_no,
    _load_no,
    _first_load_no
from ranked
