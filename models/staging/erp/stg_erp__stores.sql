-- One row per store of the books.
-- A store without sales yet stands here too.
select
    store_no as store_id,
    name as store_name,
    region as region_code,
    city as city_name,
    operation as store_type,
    opened_date as opening_date,
    _load_no as load_no
from {{ ref('base_erp__stores') }}
where row_status = 'accepted'
