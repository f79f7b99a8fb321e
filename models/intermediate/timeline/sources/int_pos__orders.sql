-- One row per ticket that sold something, in the shape all sales sources share.
-- A return ticket with sold items is an exchange and stands here with those items.
with tickets as (
    select * from {{ ref('stg_pos__tickets') }}
),

sold as (
    select distinct ticket_id from {{ ref('stg_pos__ticket_lines') }} where piece_count > 0
)

select
    {{ key_of(["'pos'", "'tickets'", 'tickets.ticket_id']) }} as order_key,
    'pos' as source_name,
    tickets.ticket_id as order_id,
    tickets.ticket_number as order_number,
    coalesce(
        tickets.member_id, case when tickets.phone_quality = 'ok' then tickets.phone end
    ) as buyer_id,
    tickets.external_order_number,
    'store' as sales_channel_key,
    tickets.store_id,
    '{{ declared("pos", "tickets", "paid_amount", "unit") }}' as currency_code,
    'tax_inclusive' as tax_basis,
    cast(0 as decimal(18, 4)) as shipping_original_amount,
    cast(0 as decimal(18, 4)) as commission_original_amount,
    true as is_paid,
    false as is_cancelled,
    false as is_test,
    false as is_refunded,
    case
        when tickets.member_id is not null or tickets.phone_quality = 'ok' then 'usable'
        else coalesce(tickets.phone_quality, 'none')
    end as contact_status,
    tickets.sold_at as ordered_at,
    tickets.load_no
from tickets
left join sold on tickets.ticket_id = sold.ticket_id
where tickets.ticket_type = 'SALE' or sold.ticket_id is not null
