-- The cohort clock, summed another way: what the items and the margins of the orders of known new
-- customers come to, counted from the first day each of them bought; and null exactly where the
-- last day of the month is too young.
with first_days as (
    select user_key, min(order_date) as first_date
    from {{ ref('fct_order_items') }}
    where is_valid
    group by 1
),

customers as (
    select
        first_days.user_key,
        first_days.first_date,
        {{ month_start('first_days.first_date') }} as month_date,
        users.acquisition_channel_key
    from first_days
    inner join {{ ref('dim_users') }} as users on first_days.user_key = users.user_key
    inner join {{ ref('dim_as_of') }} as as_of
        on as_of.metric_family = 'roi' and first_days.first_date <= as_of.as_of_date
    where users.first_order_status = 'known'
),

revenue as (
    select
        customers.month_date,
        customers.acquisition_channel_key,
        horizons.horizon_days,
        count(distinct customers.user_key) as customers,
        sum(items.net_revenue_amount) as net_revenue_amount
    from customers
    cross join {{ ref('horizons') }} as horizons
    inner join {{ ref('fct_order_items') }} as items
        on
            customers.user_key = items.user_key
            and items.order_date
            < {{ add_days('customers.first_date', 'horizons.horizon_days') }}
    group by 1, 2, 3
),

margins as (
    select
        customers.month_date,
        customers.acquisition_channel_key,
        horizons.horizon_days,
        sum(orders.margin_amount) as margin_amount
    from customers
    cross join {{ ref('horizons') }} as horizons
    inner join {{ ref('fct_orders') }} as orders
        on
            customers.user_key = orders.user_key
            and orders.order_date
            < {{ add_days('customers.first_date', 'horizons.horizon_days') }}
    where orders.is_valid
    group by 1, 2, 3
),

told as (
    select
        month_date,
        acquisition_channel_key,
        7 as horizon_days,
        cohort_7_customers as customers,
        cohort_7_net_revenue_amount as net_revenue_amount,
        cohort_7_margin_amount as margin_amount
    from {{ ref('channel_roi') }}
    union all
    select
        month_date,
        acquisition_channel_key,
        30,
        cohort_30_customers,
        cohort_30_net_revenue_amount,
        cohort_30_margin_amount
    from {{ ref('channel_roi') }}
    union all
    select
        month_date,
        acquisition_channel_key,
        90,
        cohort_90_customers,
        cohort_90_net_revenue_amount,
        cohort_90_margin_amount
    from {{ ref('channel_roi') }}
    union all
    select
        month_date,
        acquisition_channel_key,
        180,
        cohort_180_customers,
        cohort_180_net_revenue_amount,
        cohort_180_margin_amount
    from {{ ref('channel_roi') }}
    union all
    select
        month_date,
        acquisition_channel_key,
        365,
        cohort_365_customers,
        cohort_365_net_revenue_amount,
        cohort_365_margin_amount
    from {{ ref('channel_roi') }}
)

select
    told.*,
    revenue.customers as plain_customers,
    revenue.net_revenue_amount as plain_net_revenue_amount,
    margins.margin_amount as plain_margin_amount
from told
inner join {{ ref('dim_as_of') }} as as_of on as_of.metric_family = 'roi'
left join revenue
    on
        told.month_date = revenue.month_date
        and told.acquisition_channel_key = revenue.acquisition_channel_key
        and told.horizon_days = revenue.horizon_days
left join margins
    on
        told.month_date = margins.month_date
        and told.acquisition_channel_key = margins.acquisition_channel_key
        and told.horizon_days = margins.horizon_days
where
    case
        when
            {{ add_days(dbt.dateadd('month', 1, 'told.month_date'), 'told.horizon_days - 1') }}
            <= as_of.as_of_date
            then
                told.customers is null
                or told.customers <> coalesce(revenue.customers, 0)
                or told.net_revenue_amount is null
                or told.net_revenue_amount <> coalesce(revenue.net_revenue_amount, 0)
                or coalesce(told.margin_amount, 0) <> coalesce(margins.margin_amount, 0)
        else coalesce(told.customers, told.net_revenue_amount, told.margin_amount) is not null
    end
