-- The candidates are those whose last order lies longer back than the p90_days of their lifecycle,
-- all of them and nobody else; the last days of a customer and of the messages are those of the
-- facts; and whoever stands before another is expected to bring at least as much.
with as_of as (
    select as_of_date from {{ ref('dim_as_of') }} where metric_family = 'orders'
),

orders as (
    select
        orders.user_key,
        max(orders.order_date) as last_date
    from {{ ref('fct_orders') }} as orders
    inner join as_of on orders.order_date <= as_of.as_of_date
    where orders.is_valid and orders.user_key <> 'unknown'
    group by 1
),

thresholds as (
    select distinct user_key, last_purchase_date, p90_days from {{ ref('user_lifecycle') }}
),

silent as (
    select orders.user_key, orders.last_date
    from orders
    cross join as_of
    inner join thresholds
        on
            orders.user_key = thresholds.user_key
            and orders.last_date = thresholds.last_purchase_date
    where {{ days_between('orders.last_date', 'as_of.as_of_date') }} > thresholds.p90_days
),

messages as (
    select
        messages.user_key,
        count(*) as sent_count,
        max(messages.scheduled_date) as last_date
    from {{ ref('fct_messages') }} as messages
    inner join as_of on messages.scheduled_date <= as_of.as_of_date
    where messages.sent_at is not null
    group by 1
),

ranked as (
    select
        *,
        lag(expected_revenue_90_amount) over (order by candidate_rank) as better_amount,
        lag(candidate_rank, 1, cast(0 as bigint)) over (order by candidate_rank) as better_rank
    from {{ ref('win_back_candidates') }}
)

select coalesce(ranked.user_key, silent.user_key) as user_key
from ranked
full join silent on ranked.user_key = silent.user_key
left join messages on ranked.user_key = messages.user_key
where
    ranked.user_key is null
    or silent.user_key is null
    or ranked.last_purchase_date <> silent.last_date
    or ranked.messages_sent <> coalesce(messages.sent_count, 0)
    or ranked.last_message_date <> messages.last_date
    or ranked.recalls < ranked.recalls_bought_after
    or ranked.candidate_rank <> ranked.better_rank + 1
    or ranked.better_amount < ranked.expected_revenue_90_amount
