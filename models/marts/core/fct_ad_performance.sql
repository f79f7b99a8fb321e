-- One row per ad campaign and day of its account, over all platforms.
-- Conversions and their value are what the platform claims, never mixed with observed ones.
with rows_accepted as (
    select * from {{ ref('int_ad_performance') }} where row_status = 'accepted'
),

campaigns as (
    select * from {{ ref('int_campaigns') }} where is_advertised
)

select
    {{ key_of([
        'rows_accepted.platform', 'rows_accepted.account_id', 'rows_accepted.campaign_id',
        'rows_accepted.stat_date'
    ]) }} as ad_performance_key,
    campaigns.campaign_key,
    campaigns.channel_key,
    rows_accepted.platform,
    rows_accepted.account_id,
    rows_accepted.campaign_id,
    campaigns.campaign_name,
    rows_accepted.currency_code,
    rows_accepted.time_zone as account_time_zone,
    cast(sum(rows_accepted.impression_count) as bigint) as impressions,
    cast(sum(rows_accepted.click_count) as bigint) as clicks,
    cast(sum(rows_accepted.spend_amount) as decimal(18, 2)) as spend,
    cast(sum(rows_accepted.spend_original_amount) as decimal(28, 6)) as spend_original_amount,
    cast(sum(rows_accepted.conversion_count) as decimal(18, 4)) as conversions,
    cast(
        sum(rows_accepted.event_day_conversion_count) as decimal(18, 4)
    ) as event_day_conversions,
    cast(sum(rows_accepted.conversion_amount) as decimal(18, 2)) as conversions_value,
    rows_accepted.stat_date as date_day
from rows_accepted
inner join campaigns
    on {{ key_of([
        'rows_accepted.platform', 'rows_accepted.campaign_id'
    ]) }} = campaigns.campaign_key
group by
    campaigns.campaign_key, campaigns.channel_key, rows_accepted.platform, rows_accepted.account_id,
    rows_accepted.campaign_id,
    campaigns.campaign_name, rows_accepted.currency_code, rows_accepted.time_zone,
    rows_accepted.stat_date
