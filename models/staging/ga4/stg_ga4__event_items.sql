-- One row per item of a web event.
-- Gives products their names and categories.
select
    event_item_id,
    sku,
    product_name,
    category_name,
    piece_count,
    unit_original_amount,
    _load_no as load_no
from {{ ref('base_ga4__event_items') }}
where row_status = 'accepted'
