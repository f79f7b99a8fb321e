-- One row per delivered item of a web event, judged.
-- Item lines of e-commerce events; keyed by their event and position.
{{ config(
    materialized='incremental', unique_key='event_item_id',
    post_hook="{{ forget_gone_loads(source('ga4', 'event_items')) }}"
) }}

with records as (
    select * from {{ source('ga4', 'event_items') }}
    where {{ is_touched(source('ga4', 'event_items'), ga4_item_id(), 'event_item_id') }}
),

typed as (
    select
        *,
        {{ ga4_item_id() }} as event_item_id,
        {{ clean('item_id') }} as sku,
        {{ clean('item_name') }} as product_name,
        {{ clean('item_category') }} as category_name,
        {{ to_integer('quantity') }} as piece_count,
        {{ to_decimal('price') }} as unit_original_amount
    from records
),

judged as (
    select
        *,
        concat_ws(
            ';',
            {{ when_missing('user_pseudo_id', clean('user_pseudo_id')) }},
            {{ when_missing('event_timestamp', clean('event_timestamp')) }},
            {{ when_missing('event_name', clean('event_name')) }},
            {{ when_missing('item_index', clean('item_index')) }},
            {{ when_missing('item_id', 'sku') }},
            {{ when_not_number('price', 'unit_original_amount') }},
            {{ when_not_number('quantity', 'piece_count') }}
        ) as reject_reasons
    from typed
),

ranked as (
    select
        *,
        row_number() over (
            partition by event_item_id, reject_reasons = ''
            order by _load_no desc, _record_no desc
        ) as copy_no
    from judged
)

select
    event_item_id,
    sku,
    product_name,
    category_name,
    piece_count,
    unit_original_amount,
    {{ row_status() }} as row_status,
    reject_reasons,
    _file,
    _record_no,
    _load_no
from ranked
