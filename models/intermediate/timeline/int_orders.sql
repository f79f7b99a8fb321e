-- One row per order of every sales source, counted or superseded by the same sale elsewhere.
-- A till that rings another system's order names it; the source with better precedence counts.
with orders as (
    select * from {{ ref('int_all__orders') }}
),

precedence as (
    select * from {{ ref('order_precedence') }}
),

numbers as (
    select
        replace(order_number, '#', '') as external_order_number,
        order_key,
        source_name
    from orders
    where not is_test and is_paid and not is_cancelled
    union
    select replace(order_id, '#', ''), order_key, source_name
    from orders
    where not is_test and is_paid and not is_cancelled
),

pairs as (
    select
        ringing.order_key as ringing_key,
        ringing.source_name as ringing_source,
        ringing_precedence.precedence as ringing_rank,
        rung.order_key as rung_key,
        rung.source_name as rung_source,
        rung_precedence.precedence as rung_rank,
        row_number() over (
            partition by ringing.order_key order by rung_precedence.precedence, rung.order_key
        ) as rung_no
    from orders as ringing
    inner join numbers as rung
        on
            replace(ringing.external_order_number, '#', '') = rung.external_order_number
            and ringing.source_name <> rung.source_name
    inner join precedence as ringing_precedence
        on ringing.source_name = ringing_precedence.source_name
    inner join precedence as rung_precedence on rung.source_name = rung_precedence.source_name
),

counted_elsewhere as (
    select
        case when ringing_rank > rung_rank then ringing_key else rung_key end as order_key,
        min(
            case when ringing_rank > rung_rank then rung_source else ringing_source end
        ) as counted_in,
        min(
            case when ringing_rank > rung_rank then rung_key else ringing_key end
        ) as counted_order_key
    from pairs
    where rung_no = 1
    group by 1
)

select
    orders.order_key,
    orders.source_name,
    orders.order_id,
    orders.order_number,
    orders.external_order_number,
    orders.sales_channel_key,
    orders.store_id,
    orders.currency_code,
    orders.tax_basis,
    orders.shipping_original_amount,
    orders.commission_original_amount,
    case
        when counted_elsewhere.order_key is null then 'accepted'
        else 'superseded'
    end as row_status,
    case
        when counted_elsewhere.order_key is not null
            then 'order:counted_in_' || counted_elsewhere.counted_in
        else ''
    end as reject_reasons,
    counted_elsewhere.counted_order_key,
    orders.is_paid,
    orders.is_cancelled,
    orders.is_test,
    orders.is_refunded,
    orders.contact_status,
    orders.ordered_at,
    {{ business_date('orders.ordered_at') }} as order_date,
    orders.load_no
from orders
left join counted_elsewhere on orders.order_key = counted_elsewhere.order_key
