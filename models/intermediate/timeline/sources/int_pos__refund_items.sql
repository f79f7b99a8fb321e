-- One row per returned item line of a ticket; money given back is positive.
-- Without the number of the sale the purchase is found by buyer and item.
with tickets as (
    select * from {{ ref('stg_pos__tickets') }}
),

lines as (
    select * from {{ ref('stg_pos__ticket_lines') }} where piece_count < 0
)

select
    {{ key_of(["'pos'", "'ticket_lines'", 'lines.ticket_line_id']) }} as refund_item_key,
    {{ key_of(["'pos'", "'tickets'", 'lines.ticket_id']) }} as refund_key,
    'pos' as source_name,
    case
        when tickets.original_ticket_id is not null
            then {{ key_of(["'pos'", "'tickets'", 'tickets.original_ticket_id']) }}
    end as order_key,
    cast(null as varchar(32)) as order_item_key,
    coalesce(
        tickets.member_id, case when tickets.phone_quality = 'ok' then tickets.phone end
    ) as buyer_id,
    lines.sku,
    -1 * lines.piece_count as piece_count,
    true as is_restocked,
    -1 * (lines.gross_original_amount - lines.discount_original_amount) as refund_original_amount,
    '{{ declared("pos", "tickets", "paid_amount", "unit") }}' as currency_code,
    tickets.sold_at as refunded_at,
    lines.load_no
from lines
inner join tickets on lines.ticket_id = tickets.ticket_id
