-- One row per delivered version of a product, judged.
-- The newest clean version of a stock keeping unit is accepted.
{{ config(
    materialized='incremental', unique_key='product_sku',
    post_hook="{{ forget_gone_loads(source('erp', 'products')) }}"
) }}

with records as (
    select * from {{ source('erp', 'products') }}
    where {{ is_touched(source('erp', 'products'), clean('sku'), 'product_sku') }}
),

typed as (
    select
        *,
        {{ clean('sku') }} as product_sku,
        {{ clean('product_name') }} as name,
        {{ clean('category_name') }} as category,
        {{ clean('brand_name') }} as brand,
        {{ to_decimal('list_price') }} as list_original_amount,
        {{ wall_clock_to_utc(
            'updated_at', declared('erp', 'products', 'updated_at', 'time_zone')
        ) }} as changed_at
    from records
),

judged as (
    select
        *,
        concat_ws(
            ';',
            {{ when_missing('sku', 'product_sku') }},
            {{ when_not_number('list_price', 'list_original_amount') }},
            {{ when_negative('list_price', 'list_original_amount') }},
            {{ when_not_time('updated_at', 'changed_at') }}
        ) as reject_reasons
    from typed
),

ranked as (
    select
        *,
        row_number() over (
            partition by product_sku, reject_reasons = ''
            order by changed_at desc nulls last, _load_no desc, _record_no desc
        ) as copy_no
    from judged
)

select
    product_sku,
    name,
    category,
    brand,
    list_original_amount,
    changed_at,
    {{ row_status() }} as row_status,
    reject_reasons,
    _file,
    _record_no,
    _load_no
from ranked
