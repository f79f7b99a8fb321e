-- The margin of everybody's first days, and whether it is known, from the orders and the first day
-- bought.
with orders as (
    select
        *,
        min(order_date) over (partition by user_key) as first_date
    from {{ ref('fct_orders') }}
    where is_valid and user_key <> 'unknown'
),

plain as (
    select
        orders.user_key,
        horizons.horizon_days,
        case
            when count(orders.margin_amount) = count(*) then sum(orders.margin_amount)
        end as margin_amount
    from orders
    cross join {{ ref('horizons') }} as horizons
    inner join {{ ref('dim_as_of') }} as as_of
        on
            as_of.metric_family = 'orders'
            and {{ days_between('orders.first_date', 'as_of.as_of_date') }}
            >= horizons.horizon_days
    where {{ days_between('orders.first_date', 'orders.order_date') }} < horizons.horizon_days
    group by 1, 2
),

told as (
    select user_key, first_order_status, 30 as horizon_days, margin_30d_amount as margin_amount
    from {{ ref('user_lifetime_value') }}
    union all
    select user_key, first_order_status, 90, margin_90d_amount
    from {{ ref('user_lifetime_value') }}
    union all
    select user_key, first_order_status, 180, margin_180d_amount
    from {{ ref('user_lifetime_value') }}
    union all
    select user_key, first_order_status, 365, margin_365d_amount
    from {{ ref('user_lifetime_value') }}
)

select told.user_key, told.horizon_days, told.margin_amount, plain.margin_amount as plain_amount
from told
left join plain on told.user_key = plain.user_key and told.horizon_days = plain.horizon_days
where
    (plain.margin_amount is null or told.first_order_status <> 'known')
    <> (told.margin_amount is null)
    or told.margin_amount <> plain.margin_amount
