-- One row per product seen in web events, with the names it was shown under.
-- Gives products the categories that the mall's order lines lack.
select
    sku,
    min(product_name) as product_name,
    min(category_name) as category_name
from {{ ref('stg_ga4__event_items') }}
group by 1
