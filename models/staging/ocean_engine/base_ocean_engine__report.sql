-- One row per delivered report row, judged.
-- Exports split a campaign's day more or less, by hour, ad, placement, and tell of the same money:
-- only the least split rows count. Rows split less than others of their file are its subtotals.
{{ config(
    materialized='incremental', unique_key='campaign_day_id', event_time='stat_date',
    post_hook="{{ forget_gone_loads(source('ocean_engine', 'report')) }}"
) }}

with records as (
    select * from {{ source('ocean_engine', 'report') }}
    where {{ is_touched(
        source('ocean_engine', 'report'), ocean_engine_day_id(), 'campaign_day_id'
    ) }}
),

typed as (
    select
        *,
        {{ ocean_engine_day_id() }} as campaign_day_id,
        {{ to_number_id('advertiser_id') }} as account_no,
        {{ to_number_id('campaign_id') }} as campaign_no,
        {{ to_number_id('ad_id') }} as ad_no,
        {{ to_number_id('creative_id') }} as creative_no,
        {{ to_number_id('bidword_id') }} as keyword_no,
        coalesce({{ given('stat_datetime') }}, {{ given('stat_time_hour') }}) as day_text,
        {{ to_report_hour('stat_datetime', 'stat_time_hour') }} as hour_text,
        {{ to_yuan('stat_cost') }} as spend_original_amount,
        {{ to_integer(console_number('show_cnt')) }} as impression_count,
        {{ to_integer(console_number('click_cnt')) }} as click_count,
        {{ to_rounded(console_number('attribution_convert_cnt')) }} as conversion_count,
        {{ to_rounded(console_number('attribution_wechat_pay_30d_amount')) }} as claimed_amount,
        {{ to_rounded(console_number('convert_cnt')) }} as event_day_conversion_count,
        {{ to_utc('updated_at') }} as read_at
    from records
),

timed as (
    select
        *,
        {{ to_report_date('day_text') }} as stat_date,
        -- Midnight is an hour only where the file tells of other hours.
        case
            when max(
                case when {{ given('stat_time_hour') }} is not null or hour_text <> '00:00' then 1
                end
            ) over (partition by campaign_day_id, _load_no) = 1 then hour_text
        end as stat_hour
    from typed
),

keyed as (
    select
        *,
        {{ joined_key(['campaign_day_id'] + ocean_engine_splits()) }} as stat_id,
        {{ filled_parts(ocean_engine_splits()) }} as split_by
    from timed
),

judged as (
    select
        *,
        concat_ws(
            ';',
            {{ when_missing('advertiser_id', given_id('advertiser_id')) }},
            {{ when_not_id('advertiser_id', 'account_no') }},
            {{ when_missing('campaign_id', given_id('campaign_id')) }},
            {{ when_not_id('campaign_id', 'campaign_no') }},
            {{ when_not_id('ad_id', 'ad_no') }},
            {{ when_not_id('creative_id', 'creative_no') }},
            {{ when_not_id('bidword_id', 'keyword_no') }},
            {{ when_not_report_day('stat_datetime', 'day_text', 'stat_date') }},
            {{ when_not_hour('stat_time_hour', 'hour_text') }},
            {{ when_missing('stat_cost', given('stat_cost')) }},
            {{ when_not_console_number('stat_cost', 'spend_original_amount') }},
            {{ when_negative('stat_cost', 'spend_original_amount') }},
            {{ when_not_console_number('show_cnt', 'impression_count') }},
            {{ when_negative('show_cnt', 'impression_count') }},
            {{ when_not_console_number('click_cnt', 'click_count') }},
            {{ when_negative('click_cnt', 'click_count') }},
            {{ when_not_console_number('attribution_convert_cnt', 'conversion_count') }},
            {{ when_not_console_number('attribution_wechat_pay_30d_amount', 'claimed_amount') }},
            {{ when_not_console_number('convert_cnt', 'event_day_conversion_count') }},
            {{ when_not_utc('updated_at', 'read_at') }},
            {{ when_not_additive('material_id') }},
            {{ when_not_additive('interest_tag') }},
            {{ when_subtotal('campaign_day_id') }}
        ) as reject_reasons
    from keyed
),

ranked as (
    select
        *,
        {{ is_split_more('campaign_day_id') }} + row_number() over (
            partition by stat_id, reject_reasons = ''
            order by read_at desc nulls last, _load_no desc, _record_no desc
        ) as copy_no
    from judged
)

select
    stat_id,
    campaign_day_id,
    account_no as account_id,
    campaign_no as campaign_id,
    {{ given('campaign_name') }} as campaign_name,
    impression_count,
    click_count,
    spend_original_amount,
    conversion_count,
    claimed_amount as conversion_original_amount,
    event_day_conversion_count,
    stat_date,
    read_at,
    {{ row_status() }} as row_status,
    reject_reasons,
    _file,
    _record_no,
    _load_no
from ranked
