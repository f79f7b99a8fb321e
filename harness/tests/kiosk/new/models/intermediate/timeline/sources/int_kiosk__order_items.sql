-- One row per sale of a machine, as the one item line that it is.
select
    {{ key_of(["'kiosk'", "'sales'", 'sale_id', "'item'"]) }} as order_item_key,
    {{ key_of(["'kiosk'", "'sales'", 'sale_id']) }} as order_key,
    'kiosk' as source_name,
    sku,
    cast(null as varchar(500)) as product_name,
    cast(null as varchar(500)) as category_name,
    piece_count,
    gross_original_amount,
    cast(0 as decimal(18, 4)) as discount_original_amount,
    load_no
from {{ ref('stg_kiosk__sales') }}
