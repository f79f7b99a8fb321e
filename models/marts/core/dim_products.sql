-- One row per stock keeping unit seen in any source, and one for unknown.
-- The name and category are the alphabetically first that any source gives, so order never matters.
with named as (
    select sku, product_name, category_name from {{ ref('int_order_items') }}
    union all
    select sku, product_name, category_name from {{ ref('int_web_items') }}
)

select
    {{ key_of(["'product'", 'sku']) }} as product_key,
    sku,
    coalesce(min(product_name), sku) as product_name,
    coalesce(min(category_name), 'unknown') as category_name
from named
where sku is not null
group by 2
union all
select 'unknown', 'unknown', 'Unknown', 'unknown'
