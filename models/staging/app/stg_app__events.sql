-- One row per event of the app.
-- Where the app was installed from is traffic of the installation alone, though SDKs repeat it.
with installs as (
    select source_event_name from {{ ref('event_names') }}
    where source_name = 'app' and event_type = 'app_install'
)

select
    events.event_id,
    events.app as app_id,
    events.device as device_id,
    events.member_no as member_id,
    events.source_event_name,
    events.device_platform as platform,
    events.screen as page_name,
    coalesce(
        events.traffic_source,
        case when installs.source_event_name is not null then events.installed_from end
    ) as traffic_source,
    events.traffic_medium,
    events.traffic_campaign,
    events.click_id_type,
    events.shop_order_id as order_id,
    events.is_clock_corrected,
    events.occurred_at,
    events._load_no as load_no,
    events._first_load_no as first_load_no
from {{ ref('base_app__events') }} as events
left join installs on events.source_event_name = installs.source_event_name
where events.row_status = 'accepted'
