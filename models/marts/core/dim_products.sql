-- One row per stock keeping unit of the books or seen in any source, and one for unknown.
-- The books' own name and category win; else the alphabetically first that any source gives.
select
    {{ key_of(["'product'", 'sku']) }} as product_key,
    sku,
    coalesce(product_name, sku) as product_name,
    coalesce(category_name, 'unknown') as category_name
from {{ ref('int_products') }}
union all
select 'unknown', 'unknown', 'Unknown', 'unknown'
