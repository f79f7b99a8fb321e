-- One row per report row of Tencent Ads, in the shape all ad platforms share.
-- Conversions are counted by Tencent on the day of the ad.
select
    {{ key_of(["'tencent_ads'", "'daily_reports'", 'stat_id']) }} as ad_row_key,
    'tencent_ads' as platform,
    account_id,
    campaign_id,
    'CNY' as currency_code,
    '{{ declared("tencent_ads", "daily_reports", "date", "time_zone") }}' as time_zone,
    impression_count,
    click_count,
    spend_original_amount,
    conversion_count,
    conversion_original_amount,
    cast(null as decimal(18, 4)) as event_day_conversion_count,
    stat_date,
    'daily_reports' as table_name,
    file_name,
    record_no,
    load_no
from {{ ref('stg_tencent_ads__daily_reports') }}
