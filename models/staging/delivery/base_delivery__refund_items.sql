-- One row per delivered item line of a state of a refund, judged.
-- Of the lines that refunds held only those of the newest state are accepted.
{{ config(
    materialized='incremental', unique_key='refund_no',
    post_hook="{{ forget_gone_loads(source('delivery', 'refund_items')) }}"
) }}

with records as (
    select * from {{ source('delivery', 'refund_items') }}
    where {{ is_touched(source('delivery', 'refund_items'), clean('refund_id'), 'refund_no') }}
),

typed as (
    select
        *,
        {{ delivery_refund_item_id() }} as refund_item_id,
        {{ clean('refund_id') }} as refund_no,
        {{ clean('item_no') }} as place_no,
        {{ any_time_to_utc(
            'utime', declared('delivery', 'refund_items', 'utime', 'time_zone')
        ) }} as changed_at,
        {{ to_integer('refund_record_no') }} as holder_no,
        coalesce({{ clean('sku_id') }}, {{ clean('app_food_code') }}) as sku,
        {{ to_integer('count') }} as piece_count,
        {{ float_to_decimal('refund_price') }} as unit_refund_amount,
        {{ float_to_decimal('origin_food_price') }} as unit_original_amount,
        {{ float_to_decimal('total_poi_charge') }} as shop_original_amount
    from records
),

judged as (
    select
        *,
        concat_ws(
            ';',
            {{ when_missing('refund_id', 'refund_no') }},
            {{ when_missing('item_no', 'place_no') }},
            {{ when_not_time('utime', 'changed_at') }},
            {{ when_missing('count', clean('count')) }},
            {{ when_not_number('count', 'piece_count') }},
            {{ when_negative('count', 'piece_count') }},
            {{ when_missing('refund_price', clean('refund_price')) }},
            {{ when_not_number('refund_price', 'unit_refund_amount') }},
            {{ when_negative('refund_price', 'unit_refund_amount') }},
            {{ when_not_number('origin_food_price', 'unit_original_amount') }},
            {{ when_negative('origin_food_price', 'unit_original_amount') }},
            {{ when_not_number('total_poi_charge', 'shop_original_amount') }},
            {{ when_negative('total_poi_charge', 'shop_original_amount') }}
        ) as reject_reasons
    from typed
),

-- The states of one holder, newest first; what was delivered alone is a state by itself.
stated as (
    select
        *,
        case when holder_no is null then 1 else dense_rank() over (
            partition by refund_no, holder_no is null, reject_reasons = ''
            order by changed_at desc nulls last, _load_no desc, holder_no desc
        ) end as state_no
    from judged
),

ranked as (
    select
        *,
        case when state_no > 1 then 2 else row_number() over (
            partition by refund_item_id, state_no > 1, reject_reasons = ''
            order by changed_at desc nulls last, _load_no desc, _record_no desc
        ) end as copy_no
    from stated
)

select
    refund_item_id,
    refund_no,
    sku,
    piece_count,
    -- The shop gives back what it had got for the piece, which the platform had paid in part.
    {{ delivery_refund_amount(
        'piece_count', 'unit_refund_amount', 'unit_original_amount', 'shop_original_amount'
    ) }} as refund_original_amount,
    {{ row_status() }} as row_status,
    reject_reasons,
    _file,
    _record_no,
    _load_no
from ranked
