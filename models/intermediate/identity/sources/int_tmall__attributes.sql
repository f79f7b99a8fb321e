-- One row per order of Tmall with the region its receiver lives in.
-- The receiver's phone is for the parcel and no contact point of the buyer.
select
    {{ key_of(["'tmall'", "'orders'", 'orders.order_id']) }} as record_key,
    'orders' as table_name,
    'region_code' as attribute_name,
    region_names.region_code as attribute_value,
    orders.ordered_at as said_at
from {{ ref('stg_tmall__orders') }} as orders
inner join {{ ref('region_names') }} as region_names
    on lower(orders.receiver_province) = region_names.region_name
