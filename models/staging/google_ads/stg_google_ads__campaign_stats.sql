-- One row per campaign, day, network and device.
-- Days are the ad account's own; spend is in the account's currency.
select
    stat_id,
    account_id,
    campaign_id,
    network_type,
    device_type,
    impression_count,
    click_count,
    spend_original_amount,
    conversion_count,
    conversion_original_amount,
    stat_date,
    _file as file_name,
    _record_no as record_no,
    _load_no as load_no
from {{ ref('base_google_ads__campaign_stats') }}
where row_status = 'accepted'
