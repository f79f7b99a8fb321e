-- One row per ad account.
-- Its currency and zone are those of all its report rows.
select
    account_id,
    account_name,
    account_currency_code as currency_code,
    account_time_zone as time_zone,
    _load_no as load_no
from {{ ref('base_google_ads__account_history') }}
where row_status = 'accepted'
