-- One row per delivered binding of an identifier to a member, judged.
-- Keyed by member, type, namespace and value; a type nobody declared is rejected.
{{ config(
    materialized='incremental', unique_key='binding_key',
    post_hook="{{ forget_gone_loads(source('crm', 'member_identifiers')) }}"
) }}

with records as (
    select * from {{ source('crm', 'member_identifiers') }}
    where {{ is_touched(source('crm', 'member_identifiers'), binding_key_of(), 'binding_key') }}
),

typed as (
    select
        *,
        {{ binding_key_of() }} as binding_key,
        {{ clean('member_id') }} as member_no,
        lower({{ clean('identifier_type') }}) as bound_type,
        coalesce({{ clean('namespace') }}, '') as bound_namespace,
        {{ clean('identifier_value') }} as bound_value,
        {{ to_utc('bound_at') }} as identifier_bound_at
    from records
),

judged as (
    select
        *,
        concat_ws(
            ';',
            {{ when_missing('member_id', 'member_no') }},
            {{ when_missing('identifier_type', 'bound_type') }},
            {{ when_missing('identifier_value', 'bound_value') }},
            case
                when
                    typed.bound_type not in (
                        select types.identifier_type from {{ ref('identifier_types') }} as types
                    )
                    then 'identifier_type:unknown'
            end,
            case when length(bound_value) > 500 then 'identifier_value:too_long' end,
            {{ when_not_utc('bound_at', 'identifier_bound_at') }}
        ) as reject_reasons
    from typed
),

ranked as (
    select
        *,
        row_number() over (
            partition by binding_key, reject_reasons = ''
            order by _load_no desc, _record_no desc
        ) as copy_no,
        {{ first_clean_load('binding_key') }} as _first_load_no
    from judged
)

select
    binding_key,
    member_no,
    bound_type,
    bound_namespace,
    bound_value,
    identifier_bound_at,
    {{ row_status() }} as row_status,
    reject_reasons,
    _file,
    _record_no,
    _load_no,
    _first_load_no
from ranked
