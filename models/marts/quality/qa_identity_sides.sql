-- One row per side and person: its already published orders by the published people (before) or by
-- today's (after), under the rules of int_people for new customers.
-- Where a person is the same on both sides so are its channel and day of registration; else before
-- has the published ones.
with pairs as (
    select * from {{ ref('qa_user_key_pairs') }}
),

users as (
    select * from {{ ref('dim_users') }}
),

orders as (
    select
        orders.order_key,
        published.user_key as old_user_key,
        orders.user_key,
        orders.source_name,
        orders.net_revenue_amount,
        orders.order_date
    from {{ ref('fct_orders') }} as orders
    inner join {{ source('published', 'orders') }} as published
        on orders.order_key = published.order_key
    inner join {{ ref('dim_as_of') }} as as_of
        on orders.order_date <= as_of.as_of_date and as_of.metric_family = 'orders'
    where orders.is_valid
),

sides as (
    select 'before' as side, old_user_key as user_key, source_name, net_revenue_amount, order_date
    from orders
    union all
    select 'after', user_key, source_name, net_revenue_amount, order_date from orders
),

histories as (
    select
        source_name,
        {{ add_days('min(order_date)', var('newness_lookback_days')) }} as new_after_date
    from {{ ref('int_orders') }}
    where row_status = 'accepted'
    group by 1
),

people as (
    select 'after' as side, user_key, acquisition_channel_key, registered_date from users
    union all
    select
        'before',
        published.user_key,
        case
            when pairs.is_same_person or published.acquisition_channel_key = 'unknown'
                then users.acquisition_channel_key
            else published.acquisition_channel_key
        end,
        case when pairs.is_same_person then users.registered_date else published.registered_date end
    from {{ source('published', 'users') }} as published
    left join pairs on published.user_key = pairs.old_user_key and pairs.place_no = 1
    left join users on pairs.user_key = users.user_key
),

firsts as (
    select side, user_key, min(order_date) as first_order_date
    from sides
    group by 1, 2
),

valued as (
    select
        sides.side,
        sides.user_key,
        firsts.first_order_date,
        max(
            case when sides.order_date = firsts.first_order_date then histories.new_after_date end
        ) as new_after_date,
        min(
            case when sides.order_date > firsts.first_order_date then sides.order_date end
        ) as second_order_date,
        sum(sides.net_revenue_amount) as net_revenue_amount,
        sum(
            case
                when {{ days_between('firsts.first_order_date', 'sides.order_date') }} < 90
                    then sides.net_revenue_amount
            end
        ) as net_revenue_90d_amount
    from sides
    inner join firsts on sides.side = firsts.side and sides.user_key = firsts.user_key
    inner join histories on sides.source_name = histories.source_name
    group by 1, 2, 3
)

select
    {{ key_of(['valued.side', 'valued.user_key']) }} as identity_side_key,
    valued.side,
    valued.user_key,
    coalesce(channels.channel_key, 'unknown') as acquisition_channel_key,
    cast(valued.net_revenue_amount as decimal(18, 2)) as net_revenue_amount,
    cast(valued.net_revenue_90d_amount as decimal(18, 2)) as net_revenue_90d_amount,
    valued.user_key <> 'unknown' and coalesce(
        valued.first_order_date > valued.new_after_date
        or people.registered_date > valued.new_after_date, false
    ) as is_new,
    valued.first_order_date,
    valued.second_order_date
from valued
left join people on valued.side = people.side and valued.user_key = people.user_key
left join {{ ref('dim_channels') }} as channels
    on people.acquisition_channel_key = channels.channel_key
