-- One row per ad account.
-- Currency and zone are null where the export does not say them.
select
    account_id,
    account_name,
    currency_code,
    time_zone,
    _load_no as load_no
from {{ ref('base_meta_ads__account_history') }}
where row_status = 'accepted'
