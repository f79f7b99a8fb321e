-- One row per item of a web event.
-- Gives products their names and categories, and tells what was viewed.
select
    event_item_id,
    {{ replace_all('event_item_id', ':[^:]*$', '') }} as short_event_id,
    sku,
    product_name,
    category_name,
    piece_count,
    unit_original_amount,
    _load_no as load_no
from {{ ref('base_ga4__event_items') }}
where row_status = 'accepted'
