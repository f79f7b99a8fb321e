-- One row per ad and day.
-- Days are the ad account's own; spend is in the account's currency. Days without spend stay.
select
    stat_id,
    ad_id,
    account_id,
    campaign_id,
    campaign_name,
    currency_code,
    impression_count,
    -- Meta leaves out what did not happen.
    coalesce(click_count, 0) as click_count,
    spend_original_amount,
    stat_date,
    _file as file_name,
    _record_no as record_no,
    _load_no as load_no
from {{ ref('base_meta_ads__basic_ad') }}
where row_status = 'accepted'
