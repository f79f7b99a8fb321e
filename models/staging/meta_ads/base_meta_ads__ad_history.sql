-- One row per delivered version of an ad, judged.
-- Keyed by ad and time: every version is accepted, the newest is current.
{{ config(
    materialized='incremental', unique_key='version_id',
    post_hook="{{ forget_gone_loads(source('meta_ads', 'ad_history')) }}"
) }}

with records as (
    select * from {{ source('meta_ads', 'ad_history') }}
    where {{ is_touched(source('meta_ads', 'ad_history'), meta_ads_version_id(), 'version_id') }}
),

typed as (
    select
        *,
        {{ meta_ads_version_id() }} as version_id,
        {{ clean('id') }} as ad_id,
        {{ meta_ads_account_id('account_id') }} as ad_account_id,
        {{ clean('campaign_id') }} as ad_campaign_id,
        {{ clean('name') }} as ad_name,
        {{ any_time_to_utc(
            'updated_time', declared('meta_ads', 'ad_history', 'updated_time', 'time_zone')
        ) }} as changed_at
    from records
),

judged as (
    select
        *,
        concat_ws(
            ';',
            {{ when_missing('id', 'ad_id') }},
            {{ when_missing('campaign_id', 'ad_campaign_id') }},
            {{ when_not_time('updated_time', 'changed_at') }}
        ) as reject_reasons
    from typed
),

ranked as (
    select
        *,
        row_number() over (
            partition by version_id, reject_reasons = ''
            order by _load_no desc, _record_no desc
        ) as copy_no
    from judged
)

select
    version_id,
    ad_id,
    ad_account_id as account_id,
    ad_campaign_id as campaign_id,
    ad_name,
    changed_at,
    {{ row_status() }} as row_status,
    reject_reasons,
    _file,
    _record_no,
    _load_no
from ranked
