-- One row per delivered version of a store, judged.
-- The newest clean version of a store is accepted; one that is still to open is a store too.
{{ config(
    materialized='incremental', unique_key='store_no',
    post_hook="{{ forget_gone_loads(source('erp', 'stores')) }}"
) }}

with records as (
    select * from {{ source('erp', 'stores') }}
    where {{ is_touched(source('erp', 'stores'), clean('store_id'), 'store_no') }}
),

typed as (
    select
        *,
        {{ clean('store_id') }} as store_no,
        {{ clean('store_name') }} as name,
        {{ clean('region_code') }} as region,
        {{ clean('city_name') }} as city,
        {{ clean('store_type') }} as operation,
        {{ midnight_to_date('opening_date') }} as opened_date,
        {{ wall_clock_to_utc(
            'updated_at', declared('erp', 'stores', 'updated_at', 'time_zone')
        ) }} as changed_at
    from records
),

judged as (
    select
        *,
        concat_ws(
            ';',
            {{ when_missing('store_id', 'store_no') }},
            case
                when {{ clean('opening_date') }} is not null and opened_date is null
                    then 'opening_date:not_a_date'
            end,
            {{ when_not_time('updated_at', 'changed_at') }}
        ) as reject_reasons
    from typed
),

ranked as (
    select
        *,
        row_number() over (
            partition by store_no, reject_reasons = ''
            order by changed_at desc nulls last, _load_no desc, _record_no desc
        ) as copy_no
    from judged
)

select
    store_no,
    name,
    region,
    city,
    operation,
    opened_date,
    changed_at,
    {{ row_status() }} as row_status,
    reject_reasons,
    _file,
    _record_no,
    _load_no
from ranked
