-- One row per delivered item line of an order, judged.
-- A line says nothing of its own time or currency; those are the order's.
{{ config(
    materialized='incremental', unique_key='order_line_id',
    post_hook="{{ forget_gone_loads(source('shop', 'order_lines')) }}"
) }}

with records as (
    select * from {{ source('shop', 'order_lines') }}
    where {{ is_touched(source('shop', 'order_lines'), clean('id'), 'order_line_id') }}
),

typed as (
    select
        *,
        {{ clean('id') }} as order_line_id,
        {{ clean('order_id') }} as line_order_id,
        {{ clean('sku') }} as line_sku,
        {{ clean('name') }} as product_name,
        {{ to_integer('quantity') }} as piece_count,
        {{ to_decimal('price') }} as unit_original_amount,
        {{ to_decimal('total_discount') }} as line_discount
    from records
),

judged as (
    select
        *,
        concat_ws(
            ';',
            {{ when_missing('id', 'order_line_id') }},
            {{ when_missing('order_id', 'line_order_id') }},
            {{ when_missing('quantity', clean('quantity')) }},
            {{ when_not_number('quantity', 'piece_count') }},
            case when piece_count <= 0 then 'quantity:not_positive' end,
            {{ when_missing('price', clean('price')) }},
            {{ when_not_number('price', 'unit_original_amount') }},
            {{ when_negative('price', 'unit_original_amount') }},
            {{ when_not_number('total_discount', 'line_discount') }},
            {{ when_negative('total_discount', 'line_discount') }},
            case
                when line_discount > piece_count * unit_original_amount
                    then 'total_discount:more_than_line'
            end
        ) as reject_reasons
    from typed
),

ranked as (
    select
        *,
        row_number() over (
            partition by order_line_id, reject_reasons = ''
            order by _load_no desc, _record_no desc
        ) as copy_no
    from judged
)

select
    order_line_id,
    line_order_id as order_id,
    line_sku as sku,
    product_name,
    piece_count,
    unit_original_amount,
    piece_count * unit_original_amount as gross_original_amount,
    coalesce(line_discount, 0) as discount_original_amount,
    {{ row_status() }} as row_status,
    reject_reasons,
    _file,
    _record_no,
    _load_no
from ranked
