-- One row per delivered item line of a state of an order, judged.
-- Of the lines that orders held only those of the newest state are accepted: an order that lost a
-- line has lost it.
{{ config(
    materialized='incremental', unique_key='order_id',
    post_hook="{{ forget_gone_loads(source('delivery', 'order_items')) }}"
) }}

with records as (
    select * from {{ source('delivery', 'order_items') }}
    where {{ is_touched(
        source('delivery', 'order_items'), clean('wm_order_id_view'), 'order_id'
    ) }}
),

typed as (
    select
        *,
        {{ delivery_item_id() }} as order_item_id,
        {{ clean('wm_order_id_view') }} as order_id,
        {{ clean('item_no') }} as place_no,
        {{ any_time_to_utc(
            'utime', declared('delivery', 'order_items', 'utime', 'time_zone')
        ) }} as changed_at,
        {{ to_integer('order_record_no') }} as holder_no,
        coalesce({{ clean('sku_id') }}, {{ clean('app_food_code') }}) as sku,
        {{ to_integer('quantity') }} as piece_count,
        {{ float_to_decimal('price') }} as unit_original_amount,
        {{ float_to_decimal('box_num') }} as box_count,
        {{ float_to_decimal('box_price') }} as box_original_amount
    from records
),

judged as (
    select
        *,
        concat_ws(
            ';',
            {{ when_missing('wm_order_id_view', 'order_id') }},
            {{ when_missing('item_no', 'place_no') }},
            {{ when_not_time('utime', 'changed_at') }},
            {{ when_missing('quantity', clean('quantity')) }},
            {{ when_not_number('quantity', 'piece_count') }},
            case when piece_count <= 0 then 'quantity:not_positive' end,
            {{ when_missing('price', clean('price')) }},
            {{ when_not_number('price', 'unit_original_amount') }},
            {{ when_negative('price', 'unit_original_amount') }},
            {{ when_not_number('box_num', 'box_count') }},
            {{ when_negative('box_num', 'box_count') }},
            {{ when_not_number('box_price', 'box_original_amount') }},
            {{ when_negative('box_price', 'box_original_amount') }}
        ) as reject_reasons
    from typed
),

-- The states of one holder, newest first; what was delivered alone is a state by itself.
stated as (
    select
        *,
        case when holder_no is null then 1 else dense_rank() over (
            partition by order_id, holder_no is null, reject_reasons = ''
            order by changed_at desc nulls last, _load_no desc, holder_no desc
        ) end as state_no
    from judged
),

ranked as (
    select
        *,
        case when state_no > 1 then 2 else row_number() over (
            partition by order_item_id, state_no > 1, reject_reasons = ''
            order by changed_at desc nulls last, _load_no desc, _record_no desc
        ) end as copy_no
    from stated
)

select
    order_item_id,
    order_id,
    sku,
    {{ clean('food_name') }} as product_name,
    piece_count,
    unit_original_amount,
    piece_count * unit_original_amount as gross_original_amount,
    cast(coalesce(box_count * box_original_amount, 0) as decimal(18, 4)) as box_original_amount,
    {{ row_status() }} as row_status,
    reject_reasons,
    _file,
    _record_no,
    _load_no
from ranked
