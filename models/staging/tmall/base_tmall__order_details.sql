-- One row per delivered state of a line of a Tmall order, judged.
-- A line's value is what the seller asks for it, with its part of the order's discount where told.
{{ config(
    materialized='incremental', unique_key='order_line_id',
    post_hook="{{ forget_gone_loads(source('tmall', 'order_details')) }}"
) }}

with records as (
    select * from {{ source('tmall', 'order_details') }}
    where {{ is_touched(source('tmall', 'order_details'), unquoted('oid'), 'order_line_id') }}
),

typed as (
    select
        *,
        {{ unquoted('oid') }} as order_line_id,
        {{ unquoted('tid') }} as order_id,
        coalesce({{ clean('outer_sku_id') }}, {{ clean('outer_iid') }}) as sku,
        {{ clean('title') }} as product_name,
        {{ to_integer(unquoted('num')) }} as piece_count,
        {{ to_decimal(unquoted('price')) }} as unit_original_amount,
        {{ to_decimal(unquoted('discount_fee')) }} as line_discount,
        {{ to_decimal(unquoted('adjust_fee')) }} as line_adjustment,
        {{ to_decimal(unquoted('total_fee')) }} as line_total,
        {{ to_decimal(unquoted('payable_fee')) }} as line_payable,
        {{ to_decimal(unquoted('divide_order_fee')) }} as line_share
    from records
),

valued as (
    select
        *,
        piece_count * unit_original_amount as gross_original_amount,
        coalesce(
            line_share, line_payable, line_total,
            piece_count * unit_original_amount + coalesce(line_adjustment, 0)
            - coalesce(line_discount, 0)
        ) as line_original_amount
    from typed
),

judged as (
    select
        *,
        concat_ws(
            ';',
            {{ when_missing('oid', 'order_line_id') }},
            case when not {{ matches('order_line_id', '^[0-9]+$') }} then 'oid:not_digits' end,
            {{ when_missing('tid', 'order_id') }},
            case when not {{ matches('order_id', '^[0-9]+$') }} then 'tid:not_digits' end,
            {{ when_missing('num', unquoted('num')) }},
            {{ when_not_number('num', 'piece_count', unquoted('num')) }},
            case when piece_count <= 0 then 'num:not_positive' end,
            {{ when_missing('price', unquoted('price')) }},
            {{ when_not_number('price', 'unit_original_amount', unquoted('price')) }},
            {{ when_negative('price', 'unit_original_amount') }},
            {{ when_not_number('discount_fee', 'line_discount', unquoted('discount_fee')) }},
            {{ when_negative('discount_fee', 'line_discount') }},
            {{ when_not_number('adjust_fee', 'line_adjustment', unquoted('adjust_fee')) }},
            {{ when_not_number('total_fee', 'line_total', unquoted('total_fee')) }},
            {{ when_negative('total_fee', 'line_total') }},
            {{ when_not_number('payable_fee', 'line_payable', unquoted('payable_fee')) }},
            {{ when_negative('payable_fee', 'line_payable') }},
            {{ when_not_number('divide_order_fee', 'line_share', unquoted('divide_order_fee')) }},
            {{ when_negative('divide_order_fee', 'line_share') }},
            case
                when
                    coalesce(line_share, line_payable, line_total) is null
                    and line_original_amount < 0
                    then 'discount_fee:more_than_line'
            end
        ) as reject_reasons
    from valued
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
    order_id,
    sku,
    product_name,
    piece_count,
    gross_original_amount,
    line_original_amount,
    line_share is not null as has_share,
    {{ row_status() }} as row_status,
    reject_reasons,
    _file,
    _record_no,
    _load_no
from ranked
