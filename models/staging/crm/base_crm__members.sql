-- One row per delivered version of a member, judged.
-- The newest clean version of a member id is accepted.
{{ config(
    materialized='incremental', unique_key='member_no',
    post_hook="{{ forget_gone_loads(source('crm', 'members')) }}"
) }}

with records as (
    select * from {{ source('crm', 'members') }}
    where {{ is_touched(source('crm', 'members'), clean('member_id'), 'member_no') }}
),

typed as (
    select
        *,
        {{ clean('member_id') }} as member_no,
        {{ to_utc('registered_at') }} as joined_at,
        {{ to_utc('updated_at') }} as changed_at,
        {{ clean('region_code') }} as region,
        {{ to_date('birth_date') }} as born_on,
        {{ to_boolean('is_staff') }} as is_employee
    from records
),

judged as (
    select
        *,
        concat_ws(
            ';',
            {{ when_missing('member_id', 'member_no') }},
            {{ when_not_utc('registered_at', 'joined_at') }},
            {{ when_not_utc('updated_at', 'changed_at') }},
            case
                when {{ clean('birth_date') }} is not null and born_on is null
                    then 'birth_date:not_a_date'
            end
        ) as reject_reasons
    from typed
),

ranked as (
    select
        *,
        row_number() over (
            partition by member_no, reject_reasons = ''
            order by changed_at desc nulls last, _load_no desc, _record_no desc
        ) as copy_no,
        {{ first_clean_load('member_no') }} as _first_load_no,
        {{ first_clean_load('member_no', normal_phone('phone')) }} as _phone_first_load_no,
        {{ first_clean_load('member_no', normal_email('email')) }} as _email_first_load_no
    from judged
)

select
    member_no,
    email,
    phone,
    joined_at,
    changed_at,
    region,
    born_on,
    is_employee,
    {{ row_status() }} as row_status,
    reject_reasons,
    _file,
    _record_no,
    _load_no,
    _first_load_no,
    _phone_first_load_no,
    _email_first_load_no
from ranked
