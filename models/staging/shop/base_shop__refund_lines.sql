-- One row per delivered item line of a refund, judged.
-- Money given back is positive here.
{{ config(
    materialized='incremental', unique_key='refund_line_id',
    post_hook="{{ forget_gone_loads(source('shop', 'refund_lines')) }}"
) }}

with records as (
    select * from {{ source('shop', 'refund_lines') }}
    where {{ is_touched(source('shop', 'refund_lines'), clean('id'), 'refund_line_id') }}
),

typed as (
    select
        *,
        {{ clean('id') }} as refund_line_id,
        {{ clean('refund_id') }} as line_refund_id,
        {{ clean('order_line_id') }} as line_order_line_id,
        {{ clean('sku') }} as line_sku,
        {{ to_integer('quantity') }} as piece_count,
        {{ to_decimal('subtotal') }} as refund_original_amount,
        coalesce(lower({{ clean('restock_type') }}) in (
            'return', 'cancel', 'legacy_restock', 'true'
        ), false) as is_restocked
    from records
),

judged as (
    select
        *,
        concat_ws(
            ';',
            {{ when_missing('id', 'refund_line_id') }},
            {{ when_missing('refund_id', 'line_refund_id') }},
            {{ when_missing('quantity', clean('quantity')) }},
            {{ when_not_number('quantity', 'piece_count') }},
            case when piece_count <= 0 then 'quantity:not_positive' end,
            {{ when_missing('subtotal', clean('subtotal')) }},
            {{ when_not_number('subtotal', 'refund_original_amount') }},
            {{ when_negative('subtotal', 'refund_original_amount') }}
        ) as reject_reasons
    from typed
),

ranked as (
    select
        *,
        row_number() over (
            partition by refund_line_id, reject_reasons = ''
            order by _load_no desc, _record_no desc
        ) as copy_no
    from judged
)

select
    refund_line_id,
    line_refund_id as refund_id,
    line_order_line_id as order_line_id,
    line_sku as sku,
    piece_count,
    refund_original_amount,
    is_restocked,
    {{ row_status() }} as row_status,
    reject_reasons,
    _file,
    _record_no,
    _load_no
from ranked
