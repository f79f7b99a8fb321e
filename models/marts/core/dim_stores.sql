-- One row per store that rang a ticket, and one for unknown.
select distinct
    {{ key_of(["'store'", 'store_id']) }} as store_key,
    store_id,
    'Store ' || store_id as store_name
from {{ ref('int_orders') }}
where store_id is not null
union all
select 'unknown', 'unknown', 'Unknown'
