-- One row per message to one person, sent or held out.
-- What a link in it says of itself is its channel and campaign.
select
    message_no as message_id,
    coalesce(campaign, campaign_no, 'unknown') as campaign_name,
    channel_key,
    experiment_no as experiment_id,
    coalesce(arm_name, 'none') as arm,
    is_control,
    member_no as member_id,
    wechat_openid as openid,
    coalesce(wechat_app_id, '') as app_id,
    {{ normal_phone('phone') }} as phone,
    {{ phone_quality('phone') }} as phone_quality,
    {{ normal_email('email') }} as email,
    device as device_id,
    channel_key as traffic_source,
    channel_key as traffic_medium,
    coalesce(campaign, campaign_no) as traffic_campaign,
    cast(null as varchar(50)) as click_id_type,
    scheduled_at,
    _load_no as load_no,
    _first_load_no as first_load_no
from {{ ref('base_messaging__messages') }}
where row_status = 'accepted'
