-- One row per day to look ahead from and customer: what a purchase of this customer is worth.
-- Buhlmann's credibility: n / (n + k) of the customer's own mean, the mean of all purchases for the
-- rest; n = purchases, k = variance within / variance between customers. Purchases above the 99th
-- percentile count as that.
with origins as (
    select distinct origin_date
    from {{ ref('int_score_requests') }}
    where request_type in ('score', 'backtest')
),

purchases as (
    select
        origins.origin_date,
        purchases.user_key,
        {{ as_double('purchases.net_revenue_amount') }} as purchase_value
    from origins
    inner join {{ ref('int_purchases') }} as purchases
        on origins.origin_date >= purchases.purchase_date
),

caps as (
    select
        origin_date,
        percentile_cont(0.99) within group (order by purchase_value) as cap_value
    from purchases
    group by 1
),

customers as (
    select
        purchases.origin_date,
        purchases.user_key,
        count(*) as purchase_count,
        avg(least(purchases.purchase_value, caps.cap_value)) as mean_value,
        count(*) * var_pop(least(purchases.purchase_value, caps.cap_value)) as squares_within
    from purchases
    inner join caps on purchases.origin_date = caps.origin_date
    group by 1, 2
),

totals as (
    select
        origin_date,
        count(*) as customer_count,
        {{ as_double('sum(purchase_count)') }} as purchase_count,
        {{ as_double('sum(purchase_count * purchase_count)') }} as purchase_squares,
        sum(purchase_count * mean_value) / sum(purchase_count) as mean_value,
        sum(squares_within) / nullif(sum(purchase_count) - count(*), 0) as variance_within
    from customers
    group by 1
),

spreads as (
    select
        totals.origin_date,
        sum(
            customers.purchase_count
            * (customers.mean_value - totals.mean_value)
            * (customers.mean_value - totals.mean_value)
        ) as squares_between
    from totals
    inner join customers on totals.origin_date = customers.origin_date
    group by 1
),

between_customers as (
    select
        totals.origin_date,
        totals.mean_value,
        totals.variance_within,
        (spreads.squares_between - (totals.customer_count - 1) * totals.variance_within)
        / nullif(
            totals.purchase_count - totals.purchase_squares / totals.purchase_count, 0
        ) as variance_between
    from totals
    inner join spreads on totals.origin_date = spreads.origin_date
),

weighted as (
    select
        customers.*,
        between_customers.mean_value as overall_value,
        -- Customers that do not differ, or none with a second purchase: nothing to believe yet.
        case
            when between_customers.variance_between > 0
                then
                    customers.purchase_count / (
                        customers.purchase_count
                        + between_customers.variance_within / between_customers.variance_between
                    )
            else 0
        end as credibility
    from customers
    inner join between_customers on customers.origin_date = between_customers.origin_date
)

select
    {{ key_of(['origin_date', 'user_key']) }} as spend_value_key,
    user_key,
    credibility,
    overall_value + credibility * (mean_value - overall_value) as purchase_value,
    origin_date
from weighted
