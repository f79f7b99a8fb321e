-- One row per ticket, sales and returns.
-- A counter that types its own phone on every ticket is found by the identity limits, not here.
select
    ticket_id,
    store_no as store_id,
    ticket_number,
    kind as ticket_type,
    member_id,
    {{ normal_phone('phone') }} as phone,
    {{ phone_quality('phone') }} as phone_quality,
    store_no || ':' || original_number as original_ticket_id,
    external_order_number,
    paid_original_amount,
    sold_at_utc as sold_at,
    _load_no as load_no,
    _first_load_no as first_load_no
from {{ ref('base_pos__tickets') }}
where row_status = 'accepted'
