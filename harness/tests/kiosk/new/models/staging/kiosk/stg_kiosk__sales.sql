-- One row per sale of a machine.
select
    sale_id,
    sold_at_utc as sold_at,
    {{ normal_phone('phone') }} as phone,
    {{ phone_quality('phone') }} as phone_quality,
    sale_sku as sku,
    piece_count,
    gross_original_amount,
    _load_no as load_no,
    _first_load_no as first_load_no
from {{ ref('base_kiosk__sales') }}
where row_status = 'accepted'
