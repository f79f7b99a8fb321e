-- One row per order with its person, its money after refunds, and whether it counts.
-- A purchase is a person's valid orders of one business day; purchases are numbered per person.
with orders as (
    select * from {{ ref('int_orders') }}
),

people as (
    select * from {{ ref('int_record_people') }}
),

items as (
    select
        order_key,
        sum(gross_amount) as gross_amount,
        sum(net_amount) as net_amount,
        sum(net_original_amount) as net_original_amount,
        sum(piece_count) as piece_count
    from {{ ref('int_order_items') }}
    group by 1
),

refunds as (
    select
        refunds.order_key,
        sum(refunds.refund_amount) as refund_amount,
        sum(
            case
                when coalesce(refunds.currency_code, orders.currency_code) = orders.currency_code
                    then refunds.refund_original_amount
            end
        ) as refund_original_amount
    from {{ ref('int_refunds_matched') }} as refunds
    inner join orders on refunds.order_key = orders.order_key
    group by 1
),

rates as (
    select * from {{ ref('int_exchange_rates') }}
),

staff as (
    select distinct people.user_key
    from {{ ref('stg_crm__members') }} as members
    inner join people
        on {{ key_of(["'crm'", "'members'", 'members.member_id']) }} = people.record_key
    where members.is_staff
),

measured as (
    select
        orders.*,
        coalesce(people.user_key, 'unknown') as user_key,
        staff.user_key is not null as is_staff,
        coalesce(items.piece_count, 0) as piece_count,
        coalesce(items.gross_amount, 0) as gross_amount,
        coalesce(items.net_amount, 0) as net_amount,
        coalesce(refunds.refund_amount, 0) as refund_amount,
        {{ to_cents(
            'coalesce(orders.shipping_original_amount, 0) * rates.rate'
        ) }} as shipping_amount,
        -- In the money it was paid in: parts rounded one by one may miss the whole by a cent.
        coalesce(orders.is_refunded, false) or coalesce(
            refunds.refund_amount > 0 and (
                refunds.refund_amount >= items.net_amount
                or refunds.refund_original_amount >= items.net_original_amount
            ), false
        ) as is_fully_refunded
    from orders
    left join people on orders.order_key = people.record_key
    left join staff on people.user_key = staff.user_key
    left join items on orders.order_key = items.order_key
    left join refunds on orders.order_key = refunds.order_key
    left join rates
        on
            orders.currency_code = rates.currency_code
            and orders.order_date >= rates.valid_from_date
            and orders.order_date < rates.valid_to_date
),

judged as (
    select
        *,
        row_status = 'accepted' and is_paid and not is_test and not is_staff and not is_cancelled
        and not is_fully_refunded and net_amount > 0 as is_valid
    from measured
)

select
    *,
    case when is_valid then net_amount - refund_amount else 0 end as net_revenue_amount,
    case
        when is_valid and user_key <> 'unknown'
            then dense_rank() over (partition by user_key, is_valid order by order_date)
    end as purchase_number
from judged
