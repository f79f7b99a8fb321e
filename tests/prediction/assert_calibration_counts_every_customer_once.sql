-- Each score's tenths hold every customer of that day, and as many buyers as bought after it.
with as_of as (
    select as_of_date from {{ ref('dim_as_of') }} where metric_family = 'orders'
),

days as (
    select distinct origin_date from {{ ref('score_calibration') }}
),

order_days as (
    select distinct orders.user_key, orders.order_date
    from {{ ref('fct_orders') }} as orders
    inner join as_of on orders.order_date <= as_of.as_of_date
    where orders.is_valid and orders.user_key <> 'unknown'
),

plain as (
    select
        count(distinct earlier.user_key) as customers,
        count(distinct later.user_key) as buyers
    from days
    inner join order_days as earlier on days.origin_date >= earlier.order_date
    left join order_days as later
        on earlier.user_key = later.user_key and days.origin_date < later.order_date
),

scores as (
    select
        score_name,
        sum(customers) as customers,
        sum(actual_buyers) as buyers
    from {{ ref('score_calibration') }}
    group by 1
)

select scores.*
from scores
cross join plain
where scores.customers <> plain.customers or scores.buyers <> plain.buyers
