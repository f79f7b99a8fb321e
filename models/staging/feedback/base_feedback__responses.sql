-- One row per delivered version of a response, judged.
-- The newest clean version of an id is accepted; who gave it may stay unknown.
{{ config(
    materialized='incremental', unique_key='response_no', event_time='said_at',
    post_hook="{{ forget_gone_loads(source('feedback', 'responses')) }}"
) }}

with records as (
    select * from {{ source('feedback', 'responses') }}
    where {{ is_touched(source('feedback', 'responses'), clean('response_id'), 'response_no') }}
),

names as (
    select * from {{ ref('event_names') }} where source_name = 'feedback'
),

typed as (
    select
        records.*,
        {{ clean('records.response_id') }} as response_no,
        names.event_type,
        {{ to_decimal('records.score') }} as response_score,
        {{ plain_word('records.category') }} as response_category,
        {{ plain_word('records.status') }} as handling_status,
        {{ clean('records.order_id') }} as order_reference,
        {{ plain_word('records.channel') }} as response_channel,
        {{ clean('records.member_id') }} as member_no,
        {{ clean('records.openid') }} as wechat_openid,
        {{ clean('records.app_id') }} as wechat_app_id,
        {{ any_time_to_utc(
            'records.responded_at', declared('feedback', 'responses', 'responded_at', 'time_zone')
        ) }} as said_at,
        {{ any_time_to_utc(
            'records.resolved_at', declared('feedback', 'responses', 'resolved_at', 'time_zone')
        ) }} as settled_at,
        {{ any_time_to_utc(
            'records.updated_at', declared('feedback', 'responses', 'updated_at', 'time_zone')
        ) }} as changed_at
    from records
    left join names on {{ plain_word('records.response_type') }} = names.source_event_name
),

judged as (
    select
        *,
        concat_ws(
            ';',
            {{ when_missing('response_id', 'response_no') }},
            {{ when_missing('response_type', clean('response_type')) }},
            case
                when {{ clean('response_type') }} is not null and event_type is null
                    then 'response_type:unknown'
            end,
            {{ when_not_number('score', 'response_score') }},
            case
                when event_type in ('nps_response', 'feedback_response')
                    then {{ when_missing('score', clean('score')) }}
            end,
            case
                when event_type = 'nps_response' and response_score not between 0 and 10
                    then 'score:out_of_range'
                when event_type = 'feedback_response' and response_score not between 1 and 5
                    then 'score:out_of_range'
                when event_type = 'nps_response' and response_score <> floor(response_score)
                    then 'score:not_whole'
            end,
            {{ when_missing('responded_at', clean('responded_at')) }},
            {{ when_not_time('responded_at', 'said_at') }},
            {{ when_not_time('resolved_at', 'settled_at') }},
            {{ when_not_time('updated_at', 'changed_at') }}
        ) as reject_reasons
    from typed
),

ranked as (
    select
        *,
        row_number() over (
            partition by response_no, reject_reasons = ''
            order by changed_at desc nulls last, _load_no desc, _record_no desc
        ) as copy_no,
        {{ first_clean_load('response_no') }} as _first_load_no
    from judged
)

select
    response_no,
    event_type,
    response_score,
    response_category,
    handling_status,
    order_reference,
    response_channel,
    member_no,
    wechat_openid,
    wechat_app_id,
    phone,
    email,
    comment,
    said_at,
    settled_at,
    changed_at,
    {{ row_status() }} as row_status,
    reject_reasons,
    _file,
    _record_no,
    _load_no,
    _first_load_no
from ranked
