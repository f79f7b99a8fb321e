-- One row per distinct traffic that records of any source carry.
select distinct
    traffic_source,
    traffic_medium,
    traffic_campaign,
    click_id_type
from {{ ref('stg_ga4__events') }}
