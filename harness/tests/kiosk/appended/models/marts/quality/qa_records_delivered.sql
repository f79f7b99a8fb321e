union all
select
    'kiosk', 'sales', '{{ declared("kiosk", "sales", "unit_price", "unit") }}',
    _load_no, _record_no,
    cast({{ to_integer('quantity') }} * {{ to_decimal('unit_price') }} as decimal(28, 6))
from {{ source('kiosk', 'sales') }}
