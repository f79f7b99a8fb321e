-- One row per product and first day of a cost.
-- Where periods overlap the record written last counts: changed_at, then load_no, then the start.
select
    product_cost_id,
    product_sku as sku,
    unit_cost_original_amount,
    currency_code,
    valid_from_date,
    nullif(valid_to_date, cast('9999-12-31' as date)) as valid_to_date,
    changed_at,
    _load_no as load_no
from {{ ref('base_erp__product_costs') }}
where row_status = 'accepted'
