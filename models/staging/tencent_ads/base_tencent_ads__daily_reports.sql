-- One row per delivered report row, judged.
-- Reports split an account's day more or less, by adgroup, creative, hour, and tell of the same
-- money: only the least split rows count. Rows split less than others of their file are its
-- subtotals.
{{ config(
    materialized='incremental', unique_key='account_day_id', event_time='stat_date',
    post_hook="{{ forget_gone_loads(source('tencent_ads', 'daily_reports')) }}"
) }}

with records as (
    select * from {{ source('tencent_ads', 'daily_reports') }}
    where {{ is_touched(
        source('tencent_ads', 'daily_reports'), tencent_ads_day_id(), 'account_day_id'
    ) }}
),

typed as (
    select
        *,
        {{ tencent_ads_day_id() }} as account_day_id,
        {{ to_number_id('account_id') }} as account_no,
        {{ to_number_id('campaign_id') }} as campaign_no,
        {{ to_number_id('adgroup_id') }} as adgroup_no,
        {{ to_number_id('ad_id') }} as ad_no,
        {{ to_number_id('bidword_id') }} as keyword_no,
        {{ to_report_date('date') }} as stat_date,
        {{ to_report_hour("''", 'hour') }} as stat_hour,
        {{ fen_to_yuan('cost') }} as spend_original_amount,
        {{ to_integer('view_count') }} as impression_count,
        {{ to_integer('valid_click_count') }} as click_count,
        {{ to_rounded('conversions_count') }} as conversion_count,
        {{ fen_to_yuan('order_amount') }} as conversion_original_amount,
        {{ to_utc('updated_at') }} as read_at
    from records
),

keyed as (
    select
        *,
        -- An adgroup is the same with and without its campaign.
        {{ joined_key(['account_day_id', 'coalesce(adgroup_no, campaign_no)']
            + tencent_ads_splits()) }} as stat_id,
        {{ filled_parts(tencent_ads_splits()) }} as split_by
    from typed
),

judged as (
    select
        *,
        concat_ws(
            ';',
            {{ when_missing('account_id', given_id('account_id')) }},
            {{ when_not_id('account_id', 'account_no') }},
            case
                when coalesce({{ given_id('campaign_id') }}, {{ given_id('adgroup_id') }}) is null
                    then 'campaign_id:missing'
            end,
            {{ when_not_id('campaign_id', 'campaign_no') }},
            {{ when_not_id('adgroup_id', 'adgroup_no') }},
            {{ when_not_id('ad_id', 'ad_no') }},
            {{ when_not_id('bidword_id', 'keyword_no') }},
            {{ when_not_report_day('date', clean('date'), 'stat_date') }},
            {{ when_not_hour('hour', 'stat_hour') }},
            {{ when_missing('cost', clean('cost')) }},
            {{ when_not_fen('cost', 'spend_original_amount') }},
            {{ when_negative('cost', 'spend_original_amount') }},
            {{ when_not_number('view_count', 'impression_count') }},
            {{ when_negative('view_count', 'impression_count') }},
            {{ when_not_number('valid_click_count', 'click_count') }},
            {{ when_negative('valid_click_count', 'click_count') }},
            {{ when_not_number('conversions_count', 'conversion_count') }},
            {{ when_not_fen('order_amount', 'conversion_original_amount') }},
            {{ when_not_utc('updated_at', 'read_at') }},
            {{ when_not_additive('component_id') }},
            {{ when_subtotal('account_day_id') }}
        ) as reject_reasons
    from keyed
),

ranked as (
    select
        *,
        {{ is_split_more('account_day_id') }} + row_number() over (
            partition by stat_id, reject_reasons = ''
            order by read_at desc nulls last, _load_no desc, _record_no desc
        ) as copy_no
    from judged
)

select
    stat_id,
    account_day_id,
    account_no as account_id,
    coalesce(campaign_no, adgroup_no) as campaign_id,
    case
        when campaign_no is null then {{ clean('adgroup_name') }} else {{ clean('campaign_name') }}
    end as campaign_name,
    impression_count,
    click_count,
    spend_original_amount,
    conversion_count,
    conversion_original_amount,
    stat_date,
    read_at,
    {{ row_status() }} as row_status,
    reject_reasons,
    _file,
    _record_no,
    _load_no
from ranked
