-- One row per event of a mini program.
-- Traffic is what the link says; without that, what WeChat's scene of the opening stands for.
with scenes as (
    select * from {{ ref('wechat_scenes') }}
)

select
    events.event_id,
    events.mini_program_id as app_id,
    events.visitor_openid as openid,
    events.visitor_unionid as unionid,
    events.unionid_entity,
    events.member_no as member_id,
    events.shop_customer_id as customer_id,
    {{ normal_phone('events.phone') }} as phone,
    {{ phone_quality('events.phone') }} as phone_quality,
    events.source_event_name,
    events.page as page_path,
    scenes.scene_name,
    case
        when coalesce(events.utm_source, events.utm_medium, events.utm_campaign) is not null
            then events.utm_source
        else scenes.traffic_source
    end as traffic_source,
    case
        when coalesce(events.utm_source, events.utm_medium, events.utm_campaign) is not null
            then events.utm_medium
        else scenes.traffic_medium
    end as traffic_medium,
    events.utm_campaign as traffic_campaign,
    events.click_id_type,
    events.shop_order_id as order_id,
    events.occurred_at,
    events._load_no as load_no,
    events._first_load_no as first_load_no
from {{ ref('base_wechat__mini_program_events') }} as events
left join scenes on events.scene_code = scenes.scene
where events.row_status = 'accepted'
