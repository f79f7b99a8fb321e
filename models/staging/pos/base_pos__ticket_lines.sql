-- One row per delivered item line of a ticket, judged.
-- Quantity and discount are negative on returns, as the till writes them.
{{ config(
    materialized='incremental', unique_key='ticket_line_id',
    post_hook="{{ forget_gone_loads(source('pos', 'ticket_lines')) }}"
) }}

with records as (
    select * from {{ source('pos', 'ticket_lines') }}
    where {{ is_touched(source('pos', 'ticket_lines'), pos_line_id(), 'ticket_line_id') }}
),

typed as (
    select
        *,
        {{ pos_line_id() }} as ticket_line_id,
        {{ pos_ticket_id() }} as ticket_id,
        {{ clean('ticket_no') }} as ticket_number,
        {{ clean('store_id') }} as store_no,
        {{ clean('line_no') }} as line_number,
        {{ clean('sku') }} as line_sku,
        {{ to_integer('quantity') }} as piece_count,
        {{ to_decimal('unit_price') }} as unit_original_amount,
        {{ to_decimal('discount_amount') }} as line_discount
    from records
),

judged as (
    select
        *,
        concat_ws(
            ';',
            {{ when_missing('ticket_no', 'ticket_number') }},
            {{ when_missing('store_id', 'store_no') }},
            {{ when_missing('line_no', 'line_number') }},
            {{ when_missing('sku', 'line_sku') }},
            {{ when_missing('quantity', clean('quantity')) }},
            {{ when_not_number('quantity', 'piece_count') }},
            case when piece_count = 0 then 'quantity:zero' end,
            {{ when_missing('unit_price', clean('unit_price')) }},
            {{ when_not_number('unit_price', 'unit_original_amount') }},
            {{ when_negative('unit_price', 'unit_original_amount') }},
            {{ when_not_number('discount_amount', 'line_discount') }},
            case
                when line_discount * piece_count < 0 then 'discount_amount:wrong_sign'
                when abs(line_discount) > abs(piece_count * unit_original_amount)
                    then 'discount_amount:more_than_line'
            end
        ) as reject_reasons
    from typed
),

ranked as (
    select
        *,
        row_number() over (
            partition by ticket_line_id, reject_reasons = ''
            order by _load_no desc, _record_no desc
        ) as copy_no
    from judged
)

select
    ticket_line_id,
    ticket_id,
    line_sku as sku,
    {{ clean('product_name') }} as item_name,
    {{ clean('category_name') }} as item_category,
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
