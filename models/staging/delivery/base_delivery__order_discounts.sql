-- One row per delivered discount of a state of an order, judged.
-- Of the discounts that orders held only those of the newest state are accepted.
{{ config(
    materialized='incremental', unique_key='order_id',
    post_hook="{{ forget_gone_loads(source('delivery', 'order_discounts')) }}"
) }}

with records as (
    select * from {{ source('delivery', 'order_discounts') }}
    where {{ is_touched(
        source('delivery', 'order_discounts'), clean('wm_order_id_view'), 'order_id'
    ) }}
),

typed as (
    select
        *,
        {{ delivery_discount_id() }} as order_discount_id,
        {{ clean('wm_order_id_view') }} as order_id,
        {{ clean('discount_no') }} as place_no,
        {{ any_time_to_utc(
            'utime', declared('delivery', 'order_discounts', 'utime', 'time_zone')
        ) }} as changed_at,
        {{ to_integer('order_record_no') }} as holder_no,
        {{ float_to_decimal('reduce_fee') }} as reduced_original_amount,
        {{ float_to_decimal('poi_charge') }} as shop_original_amount,
        {{ float_to_decimal('mt_charge') }} as platform_original_amount
    from records
),

judged as (
    select
        *,
        concat_ws(
            ';',
            {{ when_missing('wm_order_id_view', 'order_id') }},
            {{ when_missing('discount_no', 'place_no') }},
            {{ when_not_time('utime', 'changed_at') }},
            {{ when_missing('reduce_fee', clean('reduce_fee')) }},
            {{ when_not_number('reduce_fee', 'reduced_original_amount') }},
            {{ when_negative('reduce_fee', 'reduced_original_amount') }},
            {{ when_not_number('poi_charge', 'shop_original_amount') }},
            {{ when_negative('poi_charge', 'shop_original_amount') }},
            {{ when_not_number('mt_charge', 'platform_original_amount') }},
            {{ when_negative('mt_charge', 'platform_original_amount') }}
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
            partition by order_discount_id, state_no > 1, reject_reasons = ''
            order by changed_at desc nulls last, _load_no desc, _record_no desc
        ) end as copy_no
    from stated
)

select
    order_discount_id,
    order_id,
    coalesce(
        {{ clean('type') }} = '25' or {{ clean('remark') }} like '%配送费%', false
    ) as is_on_delivery_fee,
    reduced_original_amount,
    shop_original_amount,
    platform_original_amount,
    {{ row_status() }} as row_status,
    reject_reasons,
    _file,
    _record_no,
    _load_no
from ranked
