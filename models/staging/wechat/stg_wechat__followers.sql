-- One row per follower of an official account, in the newest state.
-- WeChat tells nothing of people who stopped following, so what older states told is kept.
with states as (
    select
        *,
        row_number() over (
            partition by follower_id
            order by
                case when follower_unionid is null then 1 else 0 end,
                changed_at desc nulls last, _load_no desc, _record_no desc
        ) as unionid_no,
        row_number() over (
            partition by follower_id
            order by
                subscribed_at desc nulls last,
                changed_at desc nulls last, _load_no desc, _record_no desc
        ) as follow_no
    from {{ ref('base_wechat__followers') }}
    where row_status <> 'rejected'
)

select
    follower_id,
    max(account_id) as app_id,
    max(follower_openid) as openid,
    max(case when unionid_no = 1 then follower_unionid end) as unionid,
    max(case when unionid_no = 1 then unionid_entity end) as unionid_entity,
    max(case when follow_no = 1 then follow_scene end) as follow_scene,
    max(case when follow_no = 1 then qr_code end) as qr_code,
    bool_or(row_status = 'accepted' and is_subscribed) as is_subscribed,
    max(subscribed_at) as subscribed_at,
    max(unsubscribed_at) as unsubscribed_at,
    max(case when row_status = 'accepted' then changed_at end) as changed_at,
    max(_load_no) as load_no,
    max(_first_load_no) as first_load_no,
    max(case when unionid_no = 1 then _unionid_first_load_no end) as unionid_first_load_no
from states
group by 1
