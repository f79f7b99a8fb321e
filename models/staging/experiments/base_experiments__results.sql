-- One row per delivered version of a lift test's result, judged.
-- Keyed by experiment, metric, what was tested and period; effects may be below zero, their
-- standard error may not.
{{ config(
    materialized='incremental', unique_key='result_id',
    post_hook="{{ forget_gone_loads(source('experiments', 'results')) }}"
) }}

with records as (
    select * from {{ source('experiments', 'results') }}
    where {{ is_touched(source('experiments', 'results'), experiment_result_id(), 'result_id') }}
),

typed as (
    select
        *,
        {{ experiment_result_id() }} as result_id,
        {{ clean('experiment_id') }} as experiment_no,
        {{ plain_word('channel') }} as tested_channel,
        {{ to_date('started_on') }} as first_date,
        {{ to_date('ended_on') }} as last_date,
        {{ to_decimal('spend') }} as spend_original_amount,
        coalesce(
            upper({{ clean('currency') }}),
            '{{ declared("experiments", "results", "spend", "unit") }}'
        ) as currency_code,
        {{ to_rounded('incremental_conversions') }} as conversion_count,
        {{ to_rounded('incremental_value') }} as conversion_original_amount,
        {{ to_rounded('standard_error') }} as told_standard_error,
        {{ to_rounded('lower_bound') }} as lower_count,
        {{ to_rounded('upper_bound') }} as upper_count,
        {{ to_rounded("replace(confidence_level, '%', '')") }} as told_confidence,
        {{ any_time_to_utc(
            'updated_at', declared('experiments', 'results', 'updated_at', 'time_zone')
        ) }} as changed_at
    from records
),

judged as (
    select
        *,
        concat_ws(
            ';',
            {{ when_missing('experiment_id', 'experiment_no') }},
            case
                when
                    typed.tested_channel not in (
                        select channels.channel_key from {{ ref('channels') }} as channels
                    )
                    then 'channel:unknown'
            end,
            {{ when_missing('started_on', clean('started_on')) }},
            {{ when_not_date('started_on', 'first_date') }},
            {{ when_missing('ended_on', clean('ended_on')) }},
            {{ when_not_date('ended_on', 'last_date') }},
            case when last_date < first_date then 'ended_on:before_start' end,
            {{ when_not_number('spend', 'spend_original_amount') }},
            {{ when_negative('spend', 'spend_original_amount') }},
            {{ when_unknown_currency('currency', 'currency_code') }},
            {{ when_missing('incremental_conversions', clean('incremental_conversions')) }},
            {{ when_not_number('incremental_conversions', 'conversion_count') }},
            {{ when_not_number('incremental_value', 'conversion_original_amount') }},
            {{ when_not_number('standard_error', 'told_standard_error') }},
            case when told_standard_error <= 0 then 'standard_error:not_positive' end,
            {{ when_not_number('lower_bound', 'lower_count') }},
            {{ when_not_number('upper_bound', 'upper_count') }},
            case when upper_count <= lower_count then 'upper_bound:not_above_lower' end,
            {{ when_not_time('updated_at', 'changed_at') }}
        ) as reject_reasons
    from typed
),

ranked as (
    select
        *,
        row_number() over (
            partition by result_id, reject_reasons = ''
            order by changed_at desc nulls last, _load_no desc, _record_no desc
        ) as copy_no
    from judged
)

select
    result_id,
    experiment_no,
    {{ plain_word('metric_name') }} as metric,
    {{ plain_word('platform') }} as tested_platform,
    tested_channel,
    {{ clean('campaign_id') }} as tested_campaign,
    first_date,
    last_date,
    currency_code,
    spend_original_amount,
    conversion_count,
    conversion_original_amount,
    told_standard_error,
    lower_count,
    upper_count,
    told_confidence,
    {{ row_status() }} as row_status,
    reject_reasons,
    _file,
    _record_no,
    _load_no
from ranked
