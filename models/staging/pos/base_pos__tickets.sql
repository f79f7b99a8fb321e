-- One row per delivered ticket, judged.
-- Till times are wall clocks of the zone that the field table declares.
{{ config(
    materialized='incremental', unique_key='ticket_id', event_time='sold_at_utc',
    post_hook="{{ forget_gone_loads(source('pos', 'tickets')) }}"
) }}

with records as (
    select * from {{ source('pos', 'tickets') }}
    where {{ is_touched(source('pos', 'tickets'), pos_ticket_id(), 'ticket_id') }}
),

typed as (
    select
        *,
        {{ pos_ticket_id() }} as ticket_id,
        {{ clean('store_id') }} as store_no,
        {{ clean('ticket_no') }} as ticket_number,
        {{ wall_clock_to_utc(
            'sold_at', declared('pos', 'tickets', 'sold_at', 'time_zone')
        ) }} as sold_at_utc,
        upper({{ clean('ticket_type') }}) as kind,
        {{ clean('member_no') }} as member_id,
        {{ clean('original_ticket_no') }} as original_number,
        {{ clean('external_order_no') }} as external_order_number,
        {{ to_decimal('paid_amount') }} as paid_original_amount
    from records
),

judged as (
    select
        *,
        concat_ws(
            ';',
            {{ when_missing('ticket_no', 'ticket_number') }},
            {{ when_missing('store_id', 'store_no') }},
            {{ when_missing('sold_at', clean('sold_at')) }},
            {{ when_not_time('sold_at', 'sold_at_utc') }},
            case when coalesce(kind, '') not in ('SALE', 'RETURN') then 'ticket_type:unknown' end,
            {{ when_not_number('paid_amount', 'paid_original_amount') }}
        ) as reject_reasons
    from typed
),

ranked as (
    select
        *,
        row_number() over (
            partition by ticket_id, reject_reasons = ''
            order by _load_no desc, _record_no desc
        ) as copy_no,
        {{ first_clean_load('ticket_id') }} as _first_load_no
    from judged
)

select
    ticket_id,
    store_no,
    ticket_number,
    sold_at_utc,
    kind,
    member_id,
    phone,
    original_number,
    external_order_number,
    paid_original_amount,
    {{ row_status() }} as row_status,
    reject_reasons,
    _file,
    _record_no,
    _load_no,
    _first_load_no
from ranked
