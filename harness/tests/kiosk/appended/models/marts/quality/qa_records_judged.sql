union all
select
    'kiosk', 'sales', '{{ declared("kiosk", "sales", "unit_price", "unit") }}',
    _file, _record_no, _load_no, row_status, reject_reasons,
    cast(gross_original_amount as decimal(28, 6)), phone is null
from {{ ref('base_kiosk__sales') }}
