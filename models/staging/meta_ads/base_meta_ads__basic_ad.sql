-- One row per delivered report row of an ad and day, judged.
-- Meta restates its days: the newest reading of an ad and day is accepted.
{{ config(
    materialized='incremental', unique_key='stat_id', event_time='stat_date',
    post_hook="{{ forget_gone_loads(source('meta_ads', 'basic_ad')) }}"
) }}

with records as (
    select * from {{ source('meta_ads', 'basic_ad') }}
    where {{ is_touched(source('meta_ads', 'basic_ad'), meta_ads_stat_id(), 'stat_id') }}
),

typed as (
    select
        *,
        {{ meta_ads_stat_id() }} as stat_id,
        {{ clean('ad_id') }} as stat_ad_id,
        {{ meta_ads_account_id('account_id') }} as stat_account_id,
        {{ clean('campaign_id') }} as stat_campaign_id,
        {{ clean('campaign_name') }} as stat_campaign_name,
        upper({{ clean('account_currency') }}) as currency_code,
        {{ to_date('date') }} as stat_date,
        {{ to_integer('impressions') }} as impression_count,
        {{ to_integer('inline_link_clicks') }} as click_count,
        {{ to_rounded('spend', 6) }} as spend_original_amount,
        {{ any_time_to_utc(
            '_fivetran_synced', declared('meta_ads', 'basic_ad', '_fivetran_synced', 'time_zone')
        ) }} as read_at
    from records
),

judged as (
    select
        *,
        concat_ws(
            ';',
            {{ when_missing('ad_id', 'stat_ad_id') }},
            {{ when_missing('account_id', 'stat_account_id') }},
            {{ when_unknown_currency('account_currency', 'currency_code') }},
            {{ when_not_report_day('date', clean('date'), 'stat_date') }},
            case
                when {{ clean('date_stop') }} <> {{ clean('date') }}
                    then 'date_stop:more_than_a_day'
            end,
            {{ when_not_number('impressions', 'impression_count') }},
            {{ when_negative('impressions', 'impression_count') }},
            {{ when_not_number('inline_link_clicks', 'click_count') }},
            {{ when_negative('inline_link_clicks', 'click_count') }},
            {{ when_missing('spend', clean('spend')) }},
            {{ when_not_number('spend', 'spend_original_amount') }},
            {{ when_negative('spend', 'spend_original_amount') }}
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
    stat_ad_id as ad_id,
    stat_account_id as account_id,
    stat_campaign_id as campaign_id,
    stat_campaign_name as campaign_name,
    currency_code,
    stat_date,
    impression_count,
    click_count,
    cast(spend_original_amount as decimal(28, 6)) as spend_original_amount,
    {{ row_status() }} as row_status,
    reject_reasons,
    _file,
    _record_no,
    _load_no
from ranked
