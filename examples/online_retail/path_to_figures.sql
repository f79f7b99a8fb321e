-- STEP 1. The file as delivered: invoice lines, invoices, customers, and what names no customer.
select
    sum(raw_records) filter (table_name in ('order_lines', 'refund_lines'))::bigint as invoice_lines,
    sum(raw_records) filter (table_name in ('orders', 'refunds'))::bigint as invoices,
    sum(raw_records) filter (table_name = 'refunds')::bigint as cancelling_invoices,
    sum(raw_records) filter (table_name = 'refund_lines')::bigint as cancelling_lines,
    sum(raw_records) filter (table_name = 'customers')::bigint as customers,
    sum(records_without_person) filter (table_name in ('order_lines', 'refund_lines'))::bigint as lines_without_customer
from marts.source_reconciliation
where source_name = 'shop';

-- STEP 2. Money, from the signed value of the file to net revenue; every step is a sum that adds up.
with reconciled as (
    select
        cast(sum(raw_original_amount) as decimal(18, 3)) as raw_amount,
        cast(sum(rejected_original_amount) as decimal(18, 3)) as rejected_amount,
        cast(sum(superseded_original_amount) as decimal(18, 3)) as superseded_amount,
        cast(sum(rounding_difference_amount) as decimal(18, 3)) as rounding_amount,
        cast(sum(mart_amount) as decimal(18, 3)) as mart_amount
    from marts.source_reconciliation
    where source_name = 'shop'
),

orders as (
    select
        cast(sum(net_amount - refund_amount) as decimal(18, 3)) as after_refunds_amount,
        cast(sum(refund_amount - net_amount) filter (order_status = 'fully_refunded') as decimal(18, 3)) as beyond_amount,
        cast(sum(net_revenue_amount) as decimal(18, 3)) as net_revenue_amount
    from marts.fct_orders
),

steps as (
    select 1 as step_no, 'signed value of all lines' as step, raw_amount as amount from reconciled
    union all
    select 2, '- rejected: bad-debt adjustments, a cancellation that is no refund', -1 * rejected_amount from reconciled
    union all
    select 3, '- superseded: exact duplicate lines', -1 * superseded_amount from reconciled
    union all
    select 4, '+ rounding of each line to the cent', rounding_amount from reconciled
    union all
    select 5, '= in the marts: items less refunds', mart_amount from reconciled
    union all
    select 6, '+ refunds of no known purchase, which restate no order', orders.after_refunds_amount - reconciled.mart_amount
    from orders
    cross join reconciled
    union all
    select 7, '+ refunded beyond their value: fully refunded orders count 0, not less', beyond_amount from orders
    union all
    select 8, '= net revenue of valid orders', net_revenue_amount from orders
)

select step_no, step, amount from steps order by step_no;

-- STEP 3. Why lines were rejected.
select table_name, reject_reasons, count(*) as records
from marts.rejected_records
where source_name = 'shop'
group by table_name, reject_reasons
order by table_name, reject_reasons;

-- STEP 4. Orders and buyers: from lines with a customer, a positive quantity and a price to valid orders.
-- Duplicates go without taking an order along; full refunds take orders, and buyers with no other.
with lines as (
    select lines.order_id, orders.shop_customer_id, lines.row_status, lines.gross_original_amount
    from staging.base_shop__order_lines as lines
    inner join staging.base_shop__orders as orders on lines.order_id = orders.order_id
    where orders.shop_customer_id is not null and lines.piece_count > 0 and lines.unit_original_amount > 0
),

valid_orders as (
    select * from marts.fct_orders where is_valid and user_key <> 'unknown'
)

select
    'as delivered' as step,
    count(distinct order_id) as orders,
    count(distinct shop_customer_id) as buyers,
    count(*) as lines,
    cast(sum(gross_original_amount) as decimal(18, 3)) as amount
from lines
union all
select 'duplicates out', count(distinct order_id), count(distinct shop_customer_id), count(*), cast(sum(gross_original_amount) as decimal(18, 3))
from lines
where row_status = 'accepted'
union all
select
    'full refunds out = valid orders of known people',
    count(*),
    count(distinct user_key),
    (
        select count(*)
        from marts.fct_order_items as items
        inner join valid_orders on items.order_key = valid_orders.order_key
        where items.net_original_amount > 0
    ),
    cast(sum(net_amount) as decimal(18, 3))
from valid_orders
order by orders desc, lines desc;

-- STEP 5. Every order of the file by what became of it; orders of nobody are valid, and no buyer's.
select
    order_status,
    user_key <> 'unknown' as has_person,
    count(*) as orders,
    sum(net_amount) as net_amount,
    sum(refund_amount) as refund_amount,
    sum(net_revenue_amount) as net_revenue_amount
from marts.fct_orders
group by order_status, user_key <> 'unknown'
order by order_status, has_person;

-- STEP 6. The 90-day repeat rate, as of the last day. A purchase is a person's orders of one day.
-- A customer counts once the 90 days after the first purchase have passed: first day + 90 <= as-of.
-- A first purchase in the first 90 days of the file may not be the customer's first: the file begins
-- in the middle of a business (left truncation), so those are old customers seen again, who return
-- more often. They leave the rate and are counted beside it. The last line is the mart.
with as_of as (
    select as_of_date from marts.dim_as_of where metric_family = 'orders'
),

days as (
    select distinct
        1 as step_no,
        orders.shop_customer_id as person,
        cast(timezone('Europe/London', timezone('UTC', orders.ordered_at)) as date) as order_date
    from staging.base_shop__order_lines as lines
    inner join staging.base_shop__orders as orders on lines.order_id = orders.order_id
    where orders.shop_customer_id is not null and lines.piece_count > 0 and lines.unit_original_amount > 0
    union
    select distinct 2, user_key, order_date from marts.fct_orders where is_valid and user_key <> 'unknown'
    union
    select distinct 3, orders.user_key, orders.order_date
    from marts.fct_orders as orders
    inner join marts.dim_users as users on orders.user_key = users.user_key
    where orders.is_valid and users.first_order_status = 'known'
),

numbered as (
    select *, row_number() over (partition by step_no, person order by order_date) as purchase_no from days
),

customers as (
    select
        step_no,
        person,
        min(order_date) as first_date,
        min(order_date) filter (purchase_no = 2) as second_date
    from numbered
    group by step_no, person
),

counted as (
    select
        step_no,
        count(*) as buyers,
        count(*) filter (first_date + 90 <= as_of_date) as old_enough,
        count(*) filter (first_date + 90 <= as_of_date and second_date <= first_date + 90) as repeating
    from customers
    cross join as_of
    group by step_no
    union all
    select
        4,
        sum(new_customers)::bigint,
        sum(mature_customers)::bigint,
        sum(repeat_customers)::bigint
    from marts.repeat_rate
    where horizon_days = 90
)

select
    case step_no
        when 1 then 'as delivered'
        when 2 then 'full refunds out'
        when 3 then 'truncated first purchases out'
        else 'marts.repeat_rate'
    end as step,
    buyers,
    old_enough,
    repeating,
    cast(repeating / old_enough as decimal(18, 4)) as repeat_rate
from counted
order by step_no;

-- STEP 7. Refunds: first in, first out, by customer and item, to purchases before the refund.
-- An orphan found none. It keeps its money, restates no order, and is listed by what it is.
with parts as (
    select
        matched.refund_original_amount,
        matched.refund_item_key,
        case
            when matched.match_rule <> 'orphan' then 'matched to a purchase'
            when refunds.match_rule = 'orphan' then 'orphan: names no customer'
            when not regexp_matches(refunds.sku, '^[0-9]{5}') then 'orphan: no product (fees, manual corrections, postage)'
            when shoppers.queue_key is null then 'orphan: customer is not seen to buy the item before'
            else 'orphan: more given back than is seen bought'
        end as outcome
    from intermediate.int_refunds_matched as matched
    inner join intermediate.int_refund_items as refunds on matched.refund_item_key = refunds.refund_item_key
    left join (
        select distinct refunds.queue_key
        from intermediate.int_refund_queues as queues
        inner join intermediate.int_refund_items as refunds on queues.refund_item_key = refunds.refund_item_key
    ) as shoppers on refunds.queue_key = shoppers.queue_key
)

select
    outcome,
    count(distinct refund_item_key) as refund_lines,
    cast(sum(refund_original_amount) as decimal(18, 2)) as refund_amount
from parts
group by outcome
order by refund_amount desc;
