-- One row per report row of Google Ads, in the shape all ad platforms share.
-- Days stay those of the account; conversions are counted by Google on the day of the click's cost.
with stats as (
    select * from {{ ref('stg_google_ads__campaign_stats') }}
),

accounts as (
    select * from {{ ref('stg_google_ads__accounts') }}
)

select
    {{ key_of(["'google_ads'", "'campaign_stats'", 'stats.stat_id']) }} as ad_row_key,
    'google_ads' as platform,
    stats.account_id,
    stats.campaign_id,
    accounts.currency_code,
    accounts.time_zone,
    stats.impression_count,
    stats.click_count,
    cast(stats.spend_original_amount as decimal(28, 6)) as spend_original_amount,
    stats.conversion_count,
    cast(stats.conversion_original_amount as decimal(28, 6)) as conversion_original_amount,
    cast(null as decimal(18, 4)) as event_day_conversion_count,
    stats.stat_date,
    'campaign_stats' as table_name,
    stats.file_name,
    stats.record_no,
    stats.load_no
from stats
left join accounts on stats.account_id = accounts.account_id
