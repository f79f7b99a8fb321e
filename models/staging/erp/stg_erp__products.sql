-- One row per product of the books.
-- Names and categories here are the business's own; sales sources may spell them otherwise.
select
    product_sku as sku,
    name as product_name,
    category as category_name,
    brand as brand_name,
    list_original_amount as list_price_original_amount,
    _load_no as load_no
from {{ ref('base_erp__products') }}
where row_status = 'accepted'
