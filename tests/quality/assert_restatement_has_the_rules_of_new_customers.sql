-- Of people all of whose valid orders were published, the restatement says what the marts say: the
-- same first purchase, new or not, second purchase, money and channel.
with published as (
    select
        orders.user_key,
        count(*) as order_count,
        count(published.order_key) as published_count
    from {{ ref('fct_orders') }} as orders
    left join {{ source('published', 'orders') }} as published
        on orders.order_key = published.order_key
    where orders.is_valid and orders.user_key <> 'unknown'
    group by 1
)

select sides.*
from {{ ref('qa_identity_sides') }} as sides
inner join published
    on sides.user_key = published.user_key and published.order_count = published.published_count
inner join {{ ref('dim_users') }} as users on sides.user_key = users.user_key
inner join {{ ref('int_new_customers') }} as customers on sides.user_key = customers.user_key
inner join {{ ref('dim_as_of') }} as as_of
    on as_of.metric_family = 'orders' and users.last_order_date <= as_of.as_of_date
where
    sides.side = 'after'
    and (
        sides.first_order_date <> users.first_order_date
        or sides.is_new <> (users.first_order_status = 'known')
        or sides.second_order_date is distinct from customers.second_order_date
        or sides.net_revenue_amount <> users.net_revenue_amount
        or sides.acquisition_channel_key <> users.acquisition_channel_key
    )
