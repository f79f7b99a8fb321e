-- One row per web event.
-- Traffic columns are those of this event, not of the visitor's first visit.
select
    event_id,
    cookie_id,
    shop_customer_id as customer_id,
    stream as stream_id,
    source_event_name,
    page_url,
    traffic_source,
    traffic_medium,
    traffic_campaign,
    click_id_type,
    device_type,
    shop_order_id as order_id,
    occurred_at,
    _load_no as load_no,
    _first_load_no as first_load_no
from {{ ref('base_ga4__events') }}
where row_status = 'accepted'
