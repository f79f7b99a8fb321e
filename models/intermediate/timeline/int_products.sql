-- One row per stock keeping unit of the books or seen in any source, with its name and category.
-- The books' own win; else the alphabetically first that any source gives, so order never matters.
with booked as (
    select * from {{ ref('stg_erp__products') }}
),

seen as (
    select sku, product_name, category_name from {{ ref('int_order_items') }}
    union all
    select sku, product_name, category_name from {{ ref('stg_ga4__event_items') }}
),

named as (
    select
        sku,
        min(product_name) as product_name,
        min(category_name) as category_name
    from seen
    where sku is not null
    group by 1
)

select
    coalesce(booked.sku, named.sku) as sku,
    coalesce(booked.product_name, named.product_name) as product_name,
    coalesce(booked.category_name, named.category_name) as category_name
from named
full join booked on named.sku = booked.sku
