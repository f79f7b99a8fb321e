-- One row per delivered version of a customer account, judged.
-- The newest clean version of an id is accepted.
{{ config(
    materialized='incremental', unique_key='customer_id',
    post_hook="{{ forget_gone_loads(source('shop', 'customers')) }}"
) }}

with records as (
    select * from {{ source('shop', 'customers') }}
    where {{ is_touched(source('shop', 'customers'), clean('id'), 'customer_id') }}
),

typed as (
    select
        *,
        {{ clean('id') }} as customer_id,
        {{ to_utc('created_at') }} as registered_at,
        {{ to_utc('updated_at') }} as changed_at,
        {{ clean('default_address_province') }} as province
    from records
),

judged as (
    select
        *,
        concat_ws(
            ';',
            {{ when_missing('id', 'customer_id') }},
            {{ when_not_utc('created_at', 'registered_at') }},
            {{ when_not_utc('updated_at', 'changed_at') }}
        ) as reject_reasons
    from typed
),

ranked as (
    select
        *,
        row_number() over (
            partition by customer_id, reject_reasons = ''
            order by changed_at desc nulls last, _load_no desc, _record_no desc
        ) as copy_no,
        {{ first_clean_load('customer_id') }} as _first_load_no,
        {{ first_clean_load('customer_id', normal_phone('phone')) }} as _phone_first_load_no,
        {{ first_clean_load('customer_id', normal_email('email')) }} as _email_first_load_no
    from judged
)

select
    customer_id,
    email,
    phone,
    registered_at,
    changed_at,
    province,
    {{ row_status() }} as row_status,
    reject_reasons,
    _file,
    _record_no,
    _load_no,
    _first_load_no,
    _phone_first_load_no,
    _email_first_load_no
from ranked
