-- One row per delivered report row of a campaign, judged.
-- The platform restates its days: the newest reading of a campaign, day, network and device is
-- accepted.
{{ config(
    materialized='incremental', unique_key='stat_id', event_time='stat_date',
    post_hook="{{ forget_gone_loads(source('google_ads', 'campaign_stats')) }}"
) }}

with records as (
    select * from {{ source('google_ads', 'campaign_stats') }}
    where {{ is_touched(source('google_ads', 'campaign_stats'), google_ads_stat_id(), 'stat_id') }}
),

typed as (
    select
        *,
        {{ google_ads_stat_id() }} as stat_id,
        {{ clean('customer_id') }} as account_id,
        {{ clean('id') }} as campaign_id,
        {{ to_date('date') }} as stat_date,
        {{ to_integer('impressions') }} as impression_count,
        {{ to_integer('clicks') }} as click_count,
        {{ to_integer('cost_micros') }} as spend_micros,
        {{ to_rounded('conversions') }} as conversion_count,
        {{ to_rounded('conversions_value') }} as conversion_original_amount,
        {{ to_utc('_fivetran_synced') }} as read_at
    from records
),

judged as (
    select
        *,
        concat_ws(
            ';',
            {{ when_missing('customer_id', 'account_id') }},
            {{ when_missing('id', 'campaign_id') }},
            {{ when_not_report_day('date', clean('date'), 'stat_date') }},
            {{ when_not_number('impressions', 'impression_count') }},
            {{ when_negative('impressions', 'impression_count') }},
            {{ when_not_number('clicks', 'click_count') }},
            {{ when_negative('clicks', 'click_count') }},
            {{ when_missing('cost_micros', clean('cost_micros')) }},
            {{ when_not_number('cost_micros', 'spend_micros') }},
            {{ when_negative('cost_micros', 'spend_micros') }},
            {{ when_not_number('conversions', 'conversion_count') }},
            {{ when_not_number('conversions_value', 'conversion_original_amount') }}
        ) as reject_reasons
    from typed
),

ranked as (
    select
        *,
        row_number() over (
            partition by stat_id, reject_reasons = ''
            order by read_at desc nulls last, _load_no desc, _record_no desc
        ) as copy_no
    from judged
)

select
    stat_id,
    account_id,
    campaign_id,
    stat_date,
    {{ clean('ad_network_type') }} as network_type,
    {{ clean('device') }} as device_type,
    impression_count,
    click_count,
    cast(
        cast(spend_micros as decimal(28, 6)) * cast(0.000001 as decimal(7, 6)) as decimal(18, 6)
    ) as spend_original_amount,
    conversion_count,
    conversion_original_amount,
    {{ row_status() }} as row_status,
    reject_reasons,
    _file,
    _record_no,
    _load_no
from ranked
