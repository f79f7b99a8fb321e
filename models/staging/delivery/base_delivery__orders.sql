-- One row per delivered state of an order of the delivery platform, judged.
-- The newest clean state of an order is accepted; its lists are opened as tables of their own.
{{ config(
    materialized='incremental', unique_key='order_id', event_time='ordered_at',
    post_hook="{{ forget_gone_loads(source('delivery', 'orders')) }}"
) }}

with records as (
    select * from {{ source('delivery', 'orders') }}
    where {{ is_touched(source('delivery', 'orders'), clean('wm_order_id_view'), 'order_id') }}
),

statuses as (
    select * from {{ ref('source_statuses') }}
    where source_name = 'delivery' and table_name = 'orders'
),

typed as (
    select
        records.*,
        {{ clean('records.wm_order_id_view') }} as order_id,
        statuses.status as order_status,
        {{ to_integer('records.pay_type') }} as pay_code,
        {{ any_time_to_utc(
            'records.ctime', declared('delivery', 'orders', 'ctime', 'time_zone')
        ) }} as ordered_at,
        {{ any_time_to_utc(
            'records.utime', declared('delivery', 'orders', 'utime', 'time_zone')
        ) }} as changed_at,
        {{ float_to_decimal('records.total') }} as paid_original_amount,
        {{ float_to_decimal('records.shipping_fee') }} as shipping_original_amount,
        {{ float_to_decimal('records.package_bag_money_yuan') }} as bag_original_amount,
        coalesce(
            {{ clean('records.food_share_fee_cent') }},
            {{ clean('records.food_share_fee_cent_pushed') }}
        ) as fee_cent_text,
        {{ float_to_decimal('records.food_share_fee') }} as fee_original_amount
    from records
    left join statuses
        on {{ status_word('records.status') }} = {{ status_word('statuses.source_status') }}
),

judged as (
    select
        *,
        cast({{ fen_to_yuan('fee_cent_text') }} as decimal(18, 4)) as fee_of_cents,
        concat_ws(
            ';',
            {{ when_missing('wm_order_id_view', 'order_id') }},
            case
                when not {{ matches('order_id', '^[0-9]+$') }} then 'wm_order_id_view:not_digits'
            end,
            {{ when_missing('status', clean('status')) }},
            case
                when {{ clean('status') }} is not null and order_status is null
                    then 'status:unknown'
            end,
            case
                when {{ clean('pay_type') }} is not null and coalesce(pay_code, 0) not in (1, 2)
                    then 'pay_type:unknown'
            end,
            {{ when_missing('ctime', clean('ctime')) }},
            {{ when_not_time('ctime', 'ordered_at') }},
            {{ when_not_time('utime', 'changed_at') }},
            {{ when_not_number('total', 'paid_original_amount') }},
            {{ when_negative('total', 'paid_original_amount') }},
            {{ when_not_number('shipping_fee', 'shipping_original_amount') }},
            {{ when_negative('shipping_fee', 'shipping_original_amount') }},
            {{ when_not_number('package_bag_money_yuan', 'bag_original_amount') }},
            {{ when_negative('package_bag_money_yuan', 'bag_original_amount') }},
            {{ when_not_fen(
                'food_share_fee_cent', fen_to_yuan('fee_cent_text'), 'fee_cent_text'
            ) }},
            {{ when_not_number('food_share_fee', 'fee_original_amount') }}
        ) as reject_reasons
    from typed
),

ranked as (
    select
        *,
        row_number() over (
            partition by order_id, reject_reasons = ''
            order by changed_at desc nulls last, _load_no desc, _record_no desc
        ) as copy_no,
        {{ first_clean_load('order_id') }} as _first_load_no
    from judged
)

select
    order_id,
    {{ clean('app_poi_code') }} as store_no,
    {{ clean('open_uid') }} as platform_user_id,
    recipient_phone,
    real_phone,
    ordered_at,
    changed_at,
    order_status,
    coalesce(pay_code, 2) = 1 as is_paid_on_delivery,
    paid_original_amount,
    shipping_original_amount,
    bag_original_amount,
    coalesce(fee_original_amount, fee_of_cents) as commission_original_amount,
    {{ row_status() }} as row_status,
    reject_reasons,
    _file,
    _record_no,
    _load_no,
    _first_load_no
from ranked
