-- One row per delivered state of a follower of an official account, judged.
-- The newest clean state is accepted; older ones still tell when the person followed before.
{{ config(
    materialized='incremental', unique_key='follower_id',
    post_hook="{{ forget_gone_loads(source('wechat', 'followers')) }}"
) }}

with records as (
    select * from {{ source('wechat', 'followers') }}
    where {{ is_touched(source('wechat', 'followers'), wechat_follower_id(), 'follower_id') }}
),

typed as (
    select
        *,
        {{ wechat_follower_id() }} as follower_id,
        {{ clean('appid') }} as account_id,
        {{ clean('openid') }} as follower_openid,
        lower({{ clean('subscribe') }}) as subscribe_word,
        nullif({{ to_integer('subscribe_time') }}, 0) as subscribe_s,
        nullif({{ to_integer('unsubscribe_time') }}, 0) as unsubscribe_s,
        {{ to_utc('updated_at') }} as changed_at
    from records
),

timed as (
    select
        *,
        {{ epoch_s_to_utc('subscribe_s') }} as subscribed_at,
        {{ epoch_s_to_utc('unsubscribe_s') }} as unsubscribed_at
    from typed
),

judged as (
    select
        *,
        concat_ws(
            ';',
            {{ when_missing('appid', 'account_id') }},
            {{ when_missing('openid', 'follower_openid') }},
            case
                when coalesce(subscribe_word, '') not in ('0', '1', 'true', 'false')
                    then 'subscribe:unknown'
            end,
            {{ when_not_number('subscribe_time', to_integer('subscribe_time')) }},
            {{ when_not_epoch('subscribe_time', 'subscribe_s', 'subscribed_at', 'seconds') }},
            {{ when_not_number('unsubscribe_time', to_integer('unsubscribe_time')) }},
            {{ when_not_epoch('unsubscribe_time', 'unsubscribe_s', 'unsubscribed_at', 'seconds') }},
            {{ when_not_utc('updated_at', 'changed_at') }}
        ) as reject_reasons
    from timed
),

ranked as (
    select
        *,
        row_number() over (
            partition by follower_id, reject_reasons = ''
            order by changed_at desc nulls last, _load_no desc, _record_no desc
        ) as copy_no,
        {{ first_clean_load('follower_id') }} as _first_load_no,
        {{ first_clean_load(
            'follower_id', clean('unionid') ~ ', ' ~ clean('entity')
        ) }} as _unionid_first_load_no
    from judged
)

select
    follower_id,
    account_id,
    follower_openid,
    {{ clean('unionid') }} as follower_unionid,
    coalesce({{ clean('entity') }}, '') as unionid_entity,
    {{ to_boolean('subscribe') }} as is_subscribed,
    subscribed_at,
    unsubscribed_at,
    upper({{ clean('subscribe_scene') }}) as follow_scene,
    coalesce({{ clean('qr_scene_str') }}, nullif({{ clean('qr_scene') }}, '0')) as qr_code,
    changed_at,
    {{ row_status() }} as row_status,
    reject_reasons,
    _file,
    _record_no,
    _load_no,
    _first_load_no,
    _unionid_first_load_no
from ranked
