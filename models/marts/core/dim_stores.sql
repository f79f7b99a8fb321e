-- One row per store of the books or that sold something, and one for unknown.
select
    {{ key_of(["'store'", 'store_id']) }} as store_key,
    store_id,
    coalesce(store_name, 'Store ' || store_id) as store_name,
    coalesce(region_code, 'unknown') as store_region_code
from {{ ref('int_stores') }}
union all
select 'unknown', 'unknown', 'Unknown', 'unknown'
