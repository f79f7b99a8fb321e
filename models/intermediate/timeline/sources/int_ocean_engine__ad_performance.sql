-- One row per report row of Ocean Engine, in the shape all ad platforms share.
-- Conversions are those counted back on the day of the spend; those counted on the day they
-- happened are another clock and stay beside them.
select
    {{ key_of(["'ocean_engine'", "'report'", 'stat_id']) }} as ad_row_key,
    'ocean_engine' as platform,
    account_id,
    campaign_id,
    '{{ declared("ocean_engine", "report", "stat_cost", "unit") }}' as currency_code,
    '{{ declared("ocean_engine", "report", "stat_datetime", "time_zone") }}' as time_zone,
    impression_count,
    click_count,
    spend_original_amount,
    conversion_count,
    cast(conversion_original_amount as decimal(28, 6)) as conversion_original_amount,
    event_day_conversion_count,
    stat_date,
    'report' as table_name,
    file_name,
    record_no,
    load_no
from {{ ref('stg_ocean_engine__report') }}
