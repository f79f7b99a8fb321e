-- One row per delivered exposure of a unit to an arm, judged.
-- Keyed by experiment, unit and arm: of many exposures the first counts, and a unit seen in a
-- second arm is a second row.
{{ config(
    materialized='incremental', unique_key='assignment_key', event_time='put_at',
    post_hook="{{ forget_gone_loads(source('experiments', 'assignments')) }}"
) }}

with records as (
    select * from {{ source('experiments', 'assignments') }}
    where {{ is_touched(
        source('experiments', 'assignments'), assignment_key_of(), 'assignment_key'
    ) }}
),

typed as (
    select
        *,
        {{ assignment_key_of() }} as assignment_key,
        {{ clean('experiment_id') }} as experiment_no,
        {{ clean('unit_id') }} as unit_value,
        lower({{ clean('unit_type') }}) as unit_kind,
        coalesce({{ clean('namespace') }}, '') as unit_namespace,
        lower({{ clean('arm') }}) as arm_name,
        {{ is_control_arm('arm') }} as is_control,
        {{ any_time_to_utc(
            'assigned_at', declared('experiments', 'assignments', 'assigned_at', 'time_zone')
        ) }} as put_at
    from records
),

judged as (
    select
        *,
        concat_ws(
            ';',
            {{ when_missing('experiment_id', 'experiment_no') }},
            {{ when_missing('unit_id', 'unit_value') }},
            {{ when_missing('unit_type', 'unit_kind') }},
            case
                when
                    typed.unit_kind not in (
                        select types.identifier_type from {{ ref('identifier_types') }} as types
                    )
                    then 'unit_type:unknown'
            end,
            {{ when_missing('arm', 'arm_name') }},
            {{ when_missing('assigned_at', clean('assigned_at')) }},
            {{ when_not_time('assigned_at', 'put_at') }}
        ) as reject_reasons
    from typed
),

ranked as (
    select
        *,
        row_number() over (
            partition by assignment_key, reject_reasons = ''
            order by put_at asc, _load_no desc, _record_no desc
        ) as copy_no,
        {{ first_clean_load('assignment_key') }} as _first_load_no
    from judged
)

select
    assignment_key,
    experiment_no,
    unit_value,
    unit_kind,
    unit_namespace,
    arm_name,
    is_control,
    put_at,
    {{ row_status() }} as row_status,
    reject_reasons,
    _file,
    _record_no,
    _load_no,
    _first_load_no
from ranked
