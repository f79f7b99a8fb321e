-- One row per delivered message to one person, judged.
-- Held-out recipients are rows too; they were sent nothing, so they need no time.
{{ config(
    materialized='incremental', unique_key='message_no', event_time='scheduled_at',
    post_hook="{{ forget_gone_loads(source('messaging', 'messages')) }}"
) }}

with records as (
    select * from {{ source('messaging', 'messages') }}
    where {{ is_touched(source('messaging', 'messages'), clean('message_id'), 'message_no') }}
),

channels as (
    select * from {{ ref('message_channels') }}
),

typed as (
    select
        records.*,
        channels.channel_key,
        {{ clean('records.message_id') }} as message_no,
        {{ clean('records.campaign_id') }} as campaign_no,
        {{ clean('records.campaign_name') }} as campaign,
        {{ clean('records.experiment_id') }} as experiment_no,
        lower({{ clean('records.arm') }}) as arm_name,
        {{ is_control_arm('records.arm') }} as is_control,
        {{ clean('records.member_id') }} as member_no,
        {{ clean('records.openid') }} as wechat_openid,
        {{ clean('records.app_id') }} as wechat_app_id,
        {{ clean('records.device_id') }} as device,
        {{ any_time_to_utc(
            'records.sent_at', declared('messaging', 'messages', 'sent_at', 'time_zone')
        ) }} as scheduled_at
    from records
    left join channels on {{ plain_word('records.channel') }} = channels.source_channel
),

judged as (
    select
        *,
        concat_ws(
            ';',
            {{ when_missing('message_id', 'message_no') }},
            {{ when_missing('channel', clean('channel')) }},
            case
                when {{ clean('channel') }} is not null and channel_key is null
                    then 'channel:unknown'
            end,
            case when not is_control then {{ when_missing('sent_at', clean('sent_at')) }} end,
            {{ when_not_time('sent_at', 'scheduled_at') }}
        ) as reject_reasons
    from typed
),

ranked as (
    select
        *,
        row_number() over (
            partition by message_no, reject_reasons = ''
            order by _load_no desc, _record_no desc
        ) as copy_no,
        {{ first_clean_load('message_no') }} as _first_load_no
    from judged
)

select
    message_no,
    campaign_no,
    campaign,
    channel_key,
    experiment_no,
    arm_name,
    is_control,
    member_no,
    wechat_openid,
    wechat_app_id,
    phone,
    email,
    device,
    scheduled_at,
    {{ row_status() }} as row_status,
    reject_reasons,
    _file,
    _record_no,
    _load_no,
    _first_load_no
from ranked
