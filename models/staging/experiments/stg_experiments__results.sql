-- One row per result of a lift test: what was tested, when, and what it caused.
-- A test that tells an interval of a known confidence gets its standard error from that; one that
-- tells neither has none.
with results as (
    select
        *,
        case
            when told_confidence in (0.8, 80) then 1.281552
            when told_confidence in (0.9, 90) then 1.644854
            when told_confidence in (0.95, 95) then 1.959964
            when told_confidence in (0.99, 99) then 2.575829
        end as normal_quantile
    from {{ ref('base_experiments__results') }}
    where row_status = 'accepted'
)

select
    result_id,
    experiment_no as experiment_id,
    metric as metric_name,
    tested_platform as platform,
    tested_channel as channel_key,
    tested_campaign as campaign_id,
    first_date as started_date,
    last_date as ended_date,
    currency_code,
    spend_original_amount,
    conversion_count,
    conversion_original_amount,
    coalesce(
        cast(told_standard_error as decimal(18, 6)),
        {{ ratio('upper_count - lower_count', '2 * normal_quantile') }}
    ) as standard_error,
    _load_no as load_no
from results
