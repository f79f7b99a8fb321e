-- One row per delivered cost of a product in a period, judged.
-- Periods are plans: a start in the future or before all history is no error.
{{ config(
    materialized='incremental', unique_key='product_cost_id',
    post_hook="{{ forget_gone_loads(source('erp', 'product_costs')) }}"
) }}

with records as (
    select * from {{ source('erp', 'product_costs') }}
    where {{ is_touched(source('erp', 'product_costs'), erp_cost_id(), 'product_cost_id') }}
),

typed as (
    select
        *,
        {{ erp_cost_id() }} as product_cost_id,
        {{ clean('sku') }} as product_sku,
        {{ to_rounded('unit_cost') }} as unit_cost_original_amount,
        upper(coalesce(
            {{ clean('currency') }},
            '{{ declared("erp", "product_costs", "unit_cost", "unit") }}'
        )) as currency_code,
        {{ midnight_to_date('valid_from') }} as valid_from_date,
        {{ midnight_to_date('valid_to') }} as valid_to_date,
        {{ wall_clock_to_utc(
            'updated_at', declared('erp', 'product_costs', 'updated_at', 'time_zone')
        ) }} as changed_at
    from records
),

judged as (
    select
        *,
        concat_ws(
            ';',
            {{ when_missing('sku', 'product_sku') }},
            {{ when_missing('unit_cost', clean('unit_cost')) }},
            {{ when_not_number('unit_cost', 'unit_cost_original_amount') }},
            {{ when_negative('unit_cost', 'unit_cost_original_amount') }},
            {{ when_unknown_currency('currency', 'currency_code') }},
            {{ when_missing('valid_from', clean('valid_from')) }},
            case
                when {{ clean('valid_from') }} is not null and valid_from_date is null
                    then 'valid_from:not_a_date'
            end,
            case
                when {{ clean('valid_to') }} is not null and valid_to_date is null
                    then 'valid_to:not_a_date'
            end,
            case when valid_to_date < valid_from_date then 'valid_to:before_valid_from' end,
            {{ when_not_time('updated_at', 'changed_at') }}
        ) as reject_reasons
    from typed
),

ranked as (
    select
        *,
        row_number() over (
            partition by product_cost_id, reject_reasons = ''
            order by changed_at desc nulls last, _load_no desc, _record_no desc
        ) as copy_no
    from judged
)

select
    product_cost_id,
    product_sku,
    unit_cost_original_amount,
    currency_code,
    valid_from_date,
    valid_to_date,
    changed_at,
    {{ row_status() }} as row_status,
    reject_reasons,
    _file,
    _record_no,
    _load_no
from ranked
