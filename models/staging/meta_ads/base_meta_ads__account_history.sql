-- One row per delivered version of an ad account, judged.
-- The newest clean version of an account is accepted; it may say neither currency nor zone.
{{ config(
    materialized='incremental', unique_key='account_id',
    post_hook="{{ forget_gone_loads(source('meta_ads', 'account_history')) }}"
) }}

with records as (
    select * from {{ source('meta_ads', 'account_history') }}
    where {{ is_touched(
        source('meta_ads', 'account_history'), meta_ads_account_id('id'), 'account_id'
    ) }}
),

typed as (
    select
        *,
        {{ meta_ads_account_id('id') }} as account_id,
        {{ clean('name') }} as account_name,
        upper({{ clean('currency') }}) as currency_code,
        {{ clean('timezone_name') }} as time_zone,
        {{ any_time_to_utc(
            '_fivetran_synced',
            declared('meta_ads', 'account_history', '_fivetran_synced', 'time_zone')
        ) }} as read_at
    from records
),

judged as (
    select
        *,
        concat_ws(
            ';',
            {{ when_missing('id', 'account_id') }},
            {{ when_unknown_currency('currency', 'currency_code') }}
        ) as reject_reasons
    from typed
),

ranked as (
    select
        *,
        row_number() over (
            partition by account_id, reject_reasons = ''
            order by read_at desc nulls last, _load_no desc, _record_no desc
        ) as copy_no
    from judged
)

select
    account_id,
    account_name,
    currency_code,
    time_zone,
    read_at,
    {{ row_status() }} as row_status,
    reject_reasons,
    _file,
    _record_no,
    _load_no
from ranked
