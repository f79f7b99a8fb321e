-- One row per delivered version of an ad account, judged.
-- The newest clean version of an account is accepted.
{{ config(
    materialized='incremental', unique_key='account_id',
    post_hook="{{ forget_gone_loads(source('google_ads', 'account_history')) }}"
) }}

with records as (
    select * from {{ source('google_ads', 'account_history') }}
    where {{ is_touched(source('google_ads', 'account_history'), clean('id'), 'account_id') }}
),

typed as (
    select
        *,
        {{ clean('id') }} as account_id,
        {{ clean('descriptive_name') }} as account_name,
        upper({{ clean('currency_code') }}) as account_currency_code,
        {{ clean('time_zone') }} as account_time_zone,
        {{ to_utc('updated_at') }} as changed_at
    from records
),

judged as (
    select
        *,
        concat_ws(
            ';',
            {{ when_missing('id', 'account_id') }},
            {{ when_missing('currency_code', 'account_currency_code') }},
            {{ when_unknown_currency('currency_code', 'account_currency_code') }},
            {{ when_missing('time_zone', 'account_time_zone') }},
            {{ when_not_utc('updated_at', 'changed_at') }}
        ) as reject_reasons
    from typed
),

ranked as (
    select
        *,
        row_number() over (
            partition by account_id, reject_reasons = ''
            order by changed_at desc nulls last, _load_no desc, _record_no desc
        ) as copy_no
    from judged
)

select
    account_id,
    account_name,
    account_currency_code,
    account_time_zone,
    changed_at,
    {{ row_status() }} as row_status,
    reject_reasons,
    _file,
    _record_no,
    _load_no
from ranked
