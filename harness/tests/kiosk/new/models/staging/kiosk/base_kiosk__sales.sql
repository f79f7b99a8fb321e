-- One row per delivered sale of a machine, judged.
{{ config(
    materialized='incremental', unique_key='sale_id',
    post_hook="{{ forget_gone_loads(source('kiosk', 'sales')) }}"
) }}

with records as (
    select * from {{ source('kiosk', 'sales') }}
    where {{ is_touched(source('kiosk', 'sales'), clean('sale_no'), 'sale_id') }}
),

typed as (
    select
        *,
        {{ clean('sale_no') }} as sale_id,
        {{ to_utc('sold_at') }} as sold_at_utc,
        {{ clean('sku') }} as sale_sku,
        {{ to_integer('quantity') }} as piece_count,
        {{ to_decimal('unit_price') }} as unit_original_amount
    from records
),

judged as (
    select
        *,
        concat_ws(
            ';',
            {{ when_missing('sale_no', 'sale_id') }},
            {{ when_missing('sold_at', clean('sold_at')) }},
            {{ when_not_utc('sold_at', 'sold_at_utc') }},
            {{ when_missing('sku', 'sale_sku') }},
            {{ when_missing('quantity', clean('quantity')) }},
            {{ when_not_number('quantity', 'piece_count') }},
            case when piece_count <= 0 then 'quantity:not_positive' end,
            {{ when_missing('unit_price', clean('unit_price')) }},
            {{ when_not_number('unit_price', 'unit_original_amount') }},
            {{ when_negative('unit_price', 'unit_original_amount') }}
        ) as reject_reasons
    from typed
),

ranked as (
    select
        *,
        row_number() over (
            partition by sale_id, reject_reasons = ''
            order by _load_no desc, _record_no desc
        ) as copy_no,
        {{ first_clean_load('sale_id') }} as _first_load_no
    from judged
)

select
    sale_id,
    sold_at_utc,
    phone,
    sale_sku,
    piece_count,
    piece_count * unit_original_amount as gross_original_amount,
    {{ row_status() }} as row_status,
    reject_reasons,
    _file,
    _record_no,
    _load_no,
    _first_load_no
from ranked
