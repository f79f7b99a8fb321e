-- One row per purchase, with what it says of the buyer's habits: category, place, price, hour.
-- Each habit is a code that counts: the greatest one so far names what was chosen most.
with purchases as (
    select * from {{ ref('int_purchases') }}
),

categories as (
    select * from {{ ref('int_purchase_categories') }}
),

orders as (
    select * from {{ ref('int_orders_identified') }} where purchase_number is not null
),

bands as (
    select * from {{ ref('trait_bands') }}
),

-- What a piece cost on average, before anything came back.
priced as (
    select
        {{ key_of(['user_key', 'order_date']) }} as purchase_key,
        sum(net_amount) as net_amount,
        sum(piece_count) as piece_count
    from orders
    group by 1
),

traits as (
    select
        purchases.purchase_key,
        purchases.user_key,
        purchases.purchase_number,
        categories.category_name,
        purchases.sales_channel_key,
        case
            when orders.store_id is not null then {{ key_of(["'store'", 'orders.store_id']) }}
        end as store_key,
        price_bands.band_name as price_band_name,
        hour_bands.band_name as hour_band_name,
        {{ days_between(
            'lag(purchases.purchase_date) over '
            ~ '(partition by purchases.user_key order by purchases.purchase_number)',
            'purchases.purchase_date'
        ) }} as gap_days,
        purchases.purchase_date
    from purchases
    inner join orders on purchases.first_order_key = orders.order_key
    inner join priced on purchases.purchase_key = priced.purchase_key
    left join categories on purchases.purchase_key = categories.purchase_key
    left join bands as price_bands
        on
            price_bands.trait_name = 'price'
            and priced.net_amount >= price_bands.from_value * priced.piece_count
            and (
                price_bands.to_value is null
                or priced.net_amount < price_bands.to_value * priced.piece_count
            )
    left join bands as hour_bands
        on
            hour_bands.trait_name = 'hour'
            and {{ business_hour('purchases.purchased_at') }} >= hour_bands.from_value
            and (
                hour_bands.to_value is null
                or {{ business_hour('purchases.purchased_at') }} < hour_bands.to_value
            )
)

select
    *,
    {{ trait_code('category_name') }} as category_code,
    {{ trait_code('sales_channel_key') }} as sales_channel_code,
    {{ trait_code('store_key') }} as store_code,
    {{ trait_code('price_band_name') }} as price_band_code,
    {{ trait_code('hour_band_name') }} as hour_band_code
from traits
