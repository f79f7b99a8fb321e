-- One row per customer with what was bought from the first purchase to the as-of day.
-- Values of the first 30, 90, 180 and 365 days are null until those have passed, and for customers
-- whose first purchase may not be the first. Margin is null where that of any purchase in it is.
with customers as (
    select * from {{ ref('int_new_customers') }}
),

users as (
    select * from {{ ref('dim_users') }}
),

purchases as (
    select * from {{ ref('int_purchases') }}
),

as_of as (
    select as_of_date from {{ ref('dim_as_of') }} where metric_family = 'orders'
),

bought as (
    select
        purchases.*,
        customers.first_order_status,
        customers.first_order_date,
        as_of.as_of_date,
        {{ days_between('customers.first_order_date', 'purchases.purchase_date') }} as age_days
    from customers
    inner join purchases on customers.user_key = purchases.user_key
    inner join as_of on purchases.purchase_date <= as_of.as_of_date
),

valued as (
    select
        user_key,
        first_order_status,
        first_order_date,
        as_of_date,
        case
            when first_order_status = 'known'
                then {{ days_between('first_order_date', 'as_of_date') }}
        end as known_days,
        max(purchase_date) as last_order_date,
        count(*) as purchase_count,
        sum(order_count) as order_count,
        sum(net_revenue_amount) as revenue_total,
        sum(case when margin_amount is not null then net_revenue_amount else 0 end) as costed_total,
        {{ sum_if_all_known('margin_amount', 'true') }} as margin_total,
        sum(case when age_days < 30 then net_revenue_amount else 0 end) as revenue_30d,
        sum(case when age_days < 90 then net_revenue_amount else 0 end) as revenue_90d,
        sum(case when age_days < 180 then net_revenue_amount else 0 end) as revenue_180d,
        sum(case when age_days < 365 then net_revenue_amount else 0 end) as revenue_365d,
        {{ sum_if_all_known('margin_amount', 'age_days < 30') }} as margin_30d,
        {{ sum_if_all_known('margin_amount', 'age_days < 90') }} as margin_90d,
        {{ sum_if_all_known('margin_amount', 'age_days < 180') }} as margin_180d,
        {{ sum_if_all_known('margin_amount', 'age_days < 365') }} as margin_365d
    from bought
    group by 1, 2, 3, 4, 5
)

select
    valued.user_key,
    users.acquisition_channel_key,
    valued.first_order_status,
    cast(valued.purchase_count as bigint) as purchase_count,
    cast(valued.order_count as bigint) as order_count,
    cast(valued.revenue_total as decimal(18, 2)) as net_revenue_amount,
    cast(valued.margin_total as decimal(18, 2)) as margin_amount,
    {{ ratio('valued.costed_total', 'valued.revenue_total') }} as cost_coverage_share,
    cast(case when valued.known_days >= 30 then valued.revenue_30d end as decimal(18, 2))
        as net_revenue_30d_amount,
    cast(case when valued.known_days >= 90 then valued.revenue_90d end as decimal(18, 2))
        as net_revenue_90d_amount,
    cast(case when valued.known_days >= 180 then valued.revenue_180d end as decimal(18, 2))
        as net_revenue_180d_amount,
    cast(case when valued.known_days >= 365 then valued.revenue_365d end as decimal(18, 2))
        as net_revenue_365d_amount,
    cast(case when valued.known_days >= 30 then valued.margin_30d end as decimal(18, 2))
        as margin_30d_amount,
    cast(case when valued.known_days >= 90 then valued.margin_90d end as decimal(18, 2))
        as margin_90d_amount,
    cast(case when valued.known_days >= 180 then valued.margin_180d end as decimal(18, 2))
        as margin_180d_amount,
    cast(case when valued.known_days >= 365 then valued.margin_365d end as decimal(18, 2))
        as margin_365d_amount,
    valued.first_order_date,
    valued.last_order_date,
    valued.as_of_date
from valued
inner join users on valued.user_key = users.user_key
