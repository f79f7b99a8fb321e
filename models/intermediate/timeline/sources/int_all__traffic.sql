-- One row per distinct traffic that records of any source carry.
select distinct
    traffic_source,
    traffic_medium,
    traffic_campaign,
    click_id_type
from {{ ref('stg_ga4__events') }}
union
select traffic_source, traffic_medium, traffic_campaign, click_id_type
from {{ ref('stg_app__events') }}
union
select traffic_source, traffic_medium, traffic_campaign, click_id_type
from {{ ref('stg_wechat__mini_program_events') }}
union
select traffic_source, traffic_medium, traffic_campaign, click_id_type
from {{ ref('stg_wechat__follows') }}
union
select traffic_source, traffic_medium, traffic_campaign, click_id_type
from {{ ref('stg_messaging__messages') }}
union
select traffic_source, traffic_medium, traffic_campaign, click_id_type
from {{ ref('stg_messaging__message_events') }}
