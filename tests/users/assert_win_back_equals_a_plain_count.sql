-- Lapsed at the start of a month: silent longer than p90_days the day before, by the orders. Won
-- back: an order in the month. Recalled: a message sent in it and not after that order.
with months as (
    select distinct
        dim_dates.month_date,
        {{ add_days('dim_dates.month_date', -1) }} as eve_date
    from {{ ref('dim_dates') }} as dim_dates
    inner join {{ ref('dim_as_of') }} as as_of
        on as_of.metric_family = 'orders' and dim_dates.date_day <= as_of.as_of_date
),

thresholds as (
    select distinct user_key, last_purchase_date, p90_days from {{ ref('user_lifecycle') }}
),

orders as (
    select distinct user_key, order_date, {{ month_start('order_date') }} as month_date
    from {{ ref('fct_orders') }}
    where is_valid and user_key <> 'unknown'
),

silent as (
    select
        months.month_date,
        months.eve_date,
        orders.user_key,
        max(orders.order_date) as last_date
    from months
    inner join orders on months.eve_date >= orders.order_date
    group by 1, 2, 3
),

back as (
    select user_key, month_date, min(order_date) as back_date from orders group by 1, 2
),

lapsed as (
    select
        silent.month_date,
        back.back_date,
        case
            when exists (
                select 1 from {{ ref('fct_messages') }} as messages
                where
                    messages.user_key = silent.user_key
                    and messages.is_sent
                    and {{ month_start('messages.scheduled_date') }} = silent.month_date
                    and (back.back_date is null or messages.scheduled_date <= back.back_date)
            ) then 1
        end as recalled
    from silent
    inner join thresholds
        on
            silent.user_key = thresholds.user_key
            and silent.last_date = thresholds.last_purchase_date
    left join back on silent.user_key = back.user_key and silent.month_date = back.month_date
    where {{ days_between('silent.last_date', 'silent.eve_date') }} > thresholds.p90_days
),

plain as (
    select
        month_date,
        count(*) as lapsed_customers,
        count(back_date) as won_back_customers,
        count(recalled) as recalled_customers,
        count(case when recalled = 1 then back_date end) as recalled_won_back_customers
    from lapsed
    group by 1
)

select coalesce(plain.month_date, win_back.month_date) as month_date
from plain
full join (
    select * from {{ ref('win_back') }} where acquisition_channel_key = 'all'
) as win_back
    on plain.month_date = win_back.month_date
where
    plain.month_date is null
    or win_back.month_date is null
    or plain.lapsed_customers <> win_back.lapsed_customers
    or plain.won_back_customers <> win_back.won_back_customers
    or plain.recalled_customers <> win_back.recalled_customers
    or plain.recalled_won_back_customers <> win_back.recalled_won_back_customers
