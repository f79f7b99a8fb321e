-- One row per answer or complaint, in the shape of the timeline.
-- It carries its order when exactly one order has the id or number it names.
select
    feedback_key as event_key,
    feedback_key as record_key,
    'feedback' as source_name,
    event_type,
    'unknown' as sales_channel_key,
    cast(null as varchar(200)) as device_id,
    cast(null as varchar(32)) as traffic_key,
    order_key,
    cast(null as decimal(18, 2)) as event_amount,
    responded_at as occurred_at,
    load_no
from {{ ref('int_feedback') }}
