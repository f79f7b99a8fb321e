-- One row per identified person and day on which something about the person changed, as known at
-- the end of that day: what tags are given by.
-- Added up from days, so history falls out of the data, and refunds restate the purchase's day. A
-- state holds until the person's next row. Changes: an order, an active day and its leaving the
-- last 28 days, a stage of the lifecycle, a complaint, a click in a message, a viewed product.
with people as (
    select * from {{ ref('dim_users') }} where is_identified
),

user_days as (
    select * from {{ ref('int_user_days') }}
),

stages as (
    select * from {{ ref('user_lifecycle') }}
),

as_of as (
    select as_of_date from {{ ref('dim_as_of') }} where metric_family = 'orders'
),

order_days as (
    select
        user_key,
        order_date,
        sum(net_revenue_amount) as net_revenue_amount,
        sum(case when is_valid then margin_amount else 0 end) as margin_amount,
        count(case when is_valid and margin_amount is null then 1 end) as unknown_count,
        sum(net_amount) as sold_amount,
        sum(least(refund_amount, net_amount)) as refund_amount
    from {{ ref('fct_orders') }}
    where order_status in ('valid', 'fully_refunded')
    group by 1, 2
),

days as (
    select user_key, change_date from user_days
    union
    select user_key, order_date from order_days
    union
    select user_key, valid_from_date from stages
),

running as (
    select
        days.user_key,
        people.acquisition_channel_key,
        coalesce(max(user_days.purchase_number) over so_far, 0) as purchase_count,
        sum(order_days.net_revenue_amount) over so_far as net_revenue_amount,
        case
            when coalesce(sum(order_days.unknown_count) over so_far, 0) = 0
                then coalesce(sum(order_days.margin_amount) over so_far, 0)
        end as margin_amount,
        sum(order_days.sold_amount) over so_far as sold_amount,
        sum(order_days.refund_amount) over so_far as refund_amount,
        max(user_days.gap_code) over so_far as gap_code,
        max(user_days.category_code) over so_far as category_code,
        max(user_days.sales_channel_code) over so_far as sales_channel_code,
        max(user_days.store_code) over so_far as store_code,
        max(user_days.price_band_code) over so_far as price_band_code,
        max(user_days.hour_band_code) over so_far as hour_band_code,
        max(user_days.view_code) over so_far as view_code,
        max(user_days.promotion_code) over so_far as promotion_code,
        sum(user_days.complaint_count) over so_far as complaint_count,
        sum(user_days.click_count) over so_far as click_count,
        sum(user_days.active_count) over so_far as active_count,
        sum(user_days.forgotten_count) over so_far as forgotten_count,
        max(user_days.purchase_date) over so_far as last_purchase_date,
        days.change_date
    from days
    inner join people on days.user_key = people.user_key
    inner join as_of on days.change_date <= as_of.as_of_date
    left join user_days
        on days.user_key = user_days.user_key and days.change_date = user_days.change_date
    left join order_days
        on days.user_key = order_days.user_key and days.change_date = order_days.order_date
    window so_far as (partition by days.user_key order by days.change_date)
)

select
    {{ key_of(['running.user_key', 'running.change_date']) }} as user_tag_input_key,
    running.user_key,
    case when running.purchase_count > 0 then running.acquisition_channel_key else 'unknown' end
        as acquisition_channel_key,
    {{ chosen('running.sales_channel_code') }} as preferred_sales_channel_key,
    {{ chosen('running.store_code') }} as preferred_store_key,
    coalesce(stages.lifecycle_stage, 'prospect') as lifecycle_stage,
    {{ chosen('running.category_code') }} as preferred_category_name,
    {{ chosen('running.price_band_code') }} as preferred_price_band_name,
    {{ chosen('running.hour_band_code') }} as preferred_hour_band_name,
    {{ chosen('running.view_code') }} as most_viewed_category_name,
    coalesce(substr(running.promotion_code, 19), '') as promotion_names,
    cast(running.purchase_count as bigint) as purchase_count,
    cast(substr(running.gap_code, 19) as bigint) as days_since_previous_purchase,
    cast(coalesce(running.net_revenue_amount, 0) as decimal(18, 2)) as net_revenue_amount,
    cast(running.margin_amount as decimal(18, 2)) as margin_amount,
    cast(coalesce(running.sold_amount, 0) as decimal(18, 2)) as sold_amount,
    cast(coalesce(running.refund_amount, 0) as decimal(18, 2)) as refund_amount,
    {{ ratio('running.refund_amount', 'running.sold_amount') }} as refund_share,
    cast(coalesce(running.complaint_count, 0) as bigint) as complaint_count,
    cast(coalesce(running.click_count, 0) as bigint) as clicked_message_count,
    cast(coalesce(running.active_count, 0) as bigint) as active_day_count,
    cast(coalesce(running.active_count - running.forgotten_count, 0) as bigint) as active_days_28d,
    running.last_purchase_date,
    running.change_date
from running
left join stages
    on
        running.user_key = stages.user_key
        and running.change_date >= stages.valid_from_date
        and (stages.valid_to_date is null or running.change_date < stages.valid_to_date)
