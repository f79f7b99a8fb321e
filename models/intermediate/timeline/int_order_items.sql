-- One row per item line of every order, in the reporting currency.
-- Converted once, here, at the rate of the order's day and rounded half up to the cent.
with items as (
    select * from {{ ref('int_all__order_items') }}
),

orders as (
    select * from {{ ref('int_orders') }}
),

rates as (
    select * from {{ ref('int_exchange_rates') }}
)

select
    items.order_item_key,
    items.order_key,
    items.source_name,
    items.sku,
    items.product_name,
    items.category_name,
    items.piece_count,
    orders.currency_code,
    rates.rate,
    items.gross_original_amount,
    items.gross_original_amount - items.discount_original_amount as net_original_amount,
    {{ to_cents('items.gross_original_amount * rates.rate') }} as gross_amount,
    {{ to_cents(
        '(items.gross_original_amount - items.discount_original_amount) * rates.rate'
    ) }} as net_amount,
    orders.ordered_at,
    orders.order_date,
    items.load_no
from items
inner join orders on items.order_key = orders.order_key
inner join rates
    on
        orders.currency_code = rates.currency_code
        and orders.order_date >= rates.valid_from_date
        and orders.order_date < rates.valid_to_date
