-- One row per record of WeChat and identifier on it.
-- An openid is one account's, a unionid one entity's; a granted phone links like any other.
with followers as (
    select
        {{ key_of(["'wechat'", "'followers'", 'follower_id']) }} as record_key,
        *
    from {{ ref('stg_wechat__followers') }}
),

events as (
    select
        {{ key_of(["'wechat'", "'mini_program_events'", 'event_id']) }} as record_key,
        *
    from {{ ref('stg_wechat__mini_program_events') }}
)

select
    record_key,
    'openid' as identifier_type,
    app_id as namespace,
    openid as identifier_value,
    coalesce(subscribed_at, changed_at) as observed_at,
    load_no,
    first_load_no
from followers
union all
select
    record_key,
    'unionid',
    unionid_entity,
    unionid,
    coalesce(subscribed_at, changed_at),
    load_no,
    unionid_first_load_no
from followers
where unionid is not null
union all
select
    record_key,
    'openid',
    app_id,
    openid,
    occurred_at,
    load_no,
    first_load_no
from events
union all
select
    record_key,
    'unionid',
    unionid_entity,
    unionid,
    occurred_at,
    load_no,
    first_load_no
from events
where unionid is not null
union all
select record_key, 'phone', '', phone, occurred_at, load_no, first_load_no
from events
where phone_quality = 'ok'
union all
select
    record_key,
    'member',
    'crm',
    member_id,
    occurred_at,
    load_no,
    first_load_no
from events
where member_id is not null
union all
select
    record_key,
    'customer',
    'shop',
    customer_id,
    occurred_at,
    load_no,
    first_load_no
from events
where customer_id is not null
