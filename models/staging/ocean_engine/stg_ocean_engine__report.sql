-- One row per part of a campaign's day.
-- Money is in the ad account's currency, days are the account's own.
select
    stat_id,
    account_id,
    campaign_id,
    impression_count,
    click_count,
    spend_original_amount,
    conversion_count,
    conversion_original_amount,
    event_day_conversion_count,
    stat_date,
    _file as file_name,
    _record_no as record_no,
    _load_no as load_no
from {{ ref('base_ocean_engine__report') }}
where row_status = 'accepted'
