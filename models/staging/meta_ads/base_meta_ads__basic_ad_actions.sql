-- One row per delivered claim of how often a kind of action happened, judged.
-- Meta restates its days: the newest reading of an ad, day and kind of action is accepted.
{{ config(
    materialized='incremental', unique_key='action_id', event_time='stat_date',
    post_hook="{{ forget_gone_loads(source('meta_ads', 'basic_ad_actions')) }}"
) }}

with records as (
    select * from {{ source('meta_ads', 'basic_ad_actions') }}
    where {{ is_touched(
        source('meta_ads', 'basic_ad_actions'), meta_ads_action_id(), 'action_id'
    ) }}
),

typed as (
    select
        *,
        {{ meta_ads_action_id() }} as action_id,
        {{ clean('ad_id') }} as stat_ad_id,
        {{ to_date('date') }} as stat_date,
        lower({{ clean('action_type') }}) as kind,
        {{ to_rounded('value') }} as action_count,
        {{ any_time_to_utc(
            '_fivetran_synced',
            declared('meta_ads', 'basic_ad_actions', '_fivetran_synced', 'time_zone')
        ) }} as read_at
    from records
),

judged as (
    select
        *,
        concat_ws(
            ';',
            {{ when_missing('ad_id', 'stat_ad_id') }},
            {{ when_not_report_day('date', clean('date'), 'stat_date') }},
            {{ when_missing('action_type', 'kind') }},
            {{ when_missing('value', clean('value')) }},
            {{ when_not_number('value', 'action_count') }}
        ) as reject_reasons
    from typed
),

ranked as (
    select
        *,
        row_number() over (
            partition by action_id, reject_reasons = ''
            order by read_at desc nulls last, _load_no desc, _record_no desc
        ) as copy_no
    from judged
)

select
    action_id,
    stat_ad_id as ad_id,
    kind as action_type,
    stat_date,
    action_count,
    {{ row_status() }} as row_status,
    reject_reasons,
    _file,
    _record_no,
    _load_no
from ranked
