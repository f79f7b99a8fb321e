-- One row per identified person with how to reach them and what forbids it; no raw values.
-- Days on which somebody unsubscribed are all that is known, also after the as-of day. Who follows
-- an official account again after leaving it has not left it.
with users as (
    select * from {{ ref('dim_users') }} where is_identified
),

reachability as (
    select * from {{ ref('int_reachability') }}
),

unsubscribed as (
    select
        user_key,
        channel_key,
        {{ business_date('unsubscribed_at') }} as unsubscribed_date
    from {{ ref('fct_messages') }}
    where is_unsubscribed
),

follows as (
    select
        user_key,
        max(case when event_type = 'unfollow' then occurred_at end) as left_at,
        max(case when event_type = 'follow' then occurred_at end) as followed_at
    from {{ ref('fct_events') }}
    where event_type in ('follow', 'unfollow')
    group by 1
),

refusals as (
    select user_key, channel_key, unsubscribed_date from unsubscribed
    union all
    select user_key, 'wechat', {{ business_date('left_at') }}
    from follows
    where left_at >= coalesce(followed_at, left_at)
),

last_refusals as (
    select
        user_key,
        max(case when channel_key = 'sms' then unsubscribed_date end) as sms_date,
        max(case when channel_key = 'email' then unsubscribed_date end) as email_date,
        max(case when channel_key = 'push' then unsubscribed_date end) as push_date,
        max(case when channel_key = 'wechat' then unsubscribed_date end) as wechat_date
    from refusals
    group by 1
)

select
    users.user_key,
    coalesce(reachability.has_phone, false) as has_phone,
    coalesce(reachability.has_email, false) as has_email,
    users.is_staff,
    coalesce(reachability.is_minor, false) as is_minor,
    coalesce(reachability.is_age_known, false) as is_age_known,
    coalesce(
        follows.followed_at is not null
        and follows.followed_at > coalesce(follows.left_at, timestamp '1970-01-01 00:00:00'), false
    ) as is_follower,
    last_refusals.sms_date as sms_unsubscribed_date,
    last_refusals.email_date as email_unsubscribed_date,
    last_refusals.push_date as push_unsubscribed_date,
    last_refusals.wechat_date as wechat_unsubscribed_date
from users
left join reachability on users.user_key = reachability.user_key
left join last_refusals on users.user_key = last_refusals.user_key
left join follows on users.user_key = follows.user_key
