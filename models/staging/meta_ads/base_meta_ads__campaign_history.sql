-- One row per delivered version of a campaign, judged.
-- Keyed by campaign and time: every version is accepted, since old names still stand in old links.
{{ config(
    materialized='incremental', unique_key='version_id',
    post_hook="{{ forget_gone_loads(source('meta_ads', 'campaign_history')) }}"
) }}

with records as (
    select * from {{ source('meta_ads', 'campaign_history') }}
    where {{ is_touched(
        source('meta_ads', 'campaign_history'), meta_ads_version_id(), 'version_id'
    ) }}
),

typed as (
    select
        *,
        {{ meta_ads_version_id() }} as version_id,
        {{ clean('id') }} as campaign_id,
        {{ meta_ads_account_id('account_id') }} as campaign_account_id,
        {{ clean('name') }} as campaign_name,
        upper({{ clean('objective') }}) as campaign_type,
        {{ any_time_to_utc(
            'updated_time', declared('meta_ads', 'campaign_history', 'updated_time', 'time_zone')
        ) }} as changed_at
    from records
),

judged as (
    select
        *,
        concat_ws(
            ';',
            {{ when_missing('id', 'campaign_id') }},
            {{ when_missing('account_id', 'campaign_account_id') }},
            {{ when_missing('name', 'campaign_name') }},
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
    campaign_id,
    campaign_account_id as account_id,
    campaign_name,
    campaign_type,
    changed_at,
    {{ row_status() }} as row_status,
    reject_reasons,
    _file,
    _record_no,
    _load_no
from ranked
