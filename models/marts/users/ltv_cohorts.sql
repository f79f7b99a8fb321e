-- One row per month of first purchase, acquisition channel and horizon: value realised by then.
-- Net revenue of days before first purchase + horizon, of customers old enough; refunds restate.
with customers as (
    select * from {{ ref('int_new_customers') }}
),

users as (
    select * from {{ ref('dim_users') }}
),

orders as (
    select user_key, order_date, sum(net_revenue_amount) as net_revenue_amount
    from {{ ref('fct_orders') }}
    where is_valid
    group by 1, 2
),

horizons as (
    select * from {{ ref('horizons') }}
),

as_of as (
    select as_of_date from {{ ref('dim_as_of') }} where metric_family = 'orders'
),

aged as (
    select
        customers.user_key,
        customers.cohort_month,
        customers.first_order_date,
        users.acquisition_channel_key,
        horizons.horizon_days,
        customers.first_order_status = 'known' as is_new,
        {{ add_days(
            'customers.first_order_date', 'horizons.horizon_days'
        ) }} <= as_of.as_of_date as is_old_enough
    from customers
    inner join users on customers.user_key = users.user_key
    cross join horizons
    inner join as_of on customers.first_order_date <= as_of.as_of_date
),

valued as (
    select
        aged.cohort_month,
        aged.acquisition_channel_key,
        aged.horizon_days,
        sum(orders.net_revenue_amount) as net_revenue_amount
    from aged
    inner join orders
        on
            aged.user_key = orders.user_key
            and {{ days_between('aged.first_order_date', 'orders.order_date') }} < aged.horizon_days
    where aged.is_new and aged.is_old_enough
    group by 1, 2, 3
),

counted as (
    select
        cohort_month,
        acquisition_channel_key,
        horizon_days,
        count(case when is_new then 1 end) as new_customers,
        count(case when is_new and is_old_enough then 1 end) as mature_customers,
        count(case when not is_new then 1 end) as truncated_customers
    from aged
    group by 1, 2, 3
)

select
    {{ key_of([
        'counted.cohort_month', 'counted.acquisition_channel_key', 'counted.horizon_days'
    ]) }} as ltv_cohort_key,
    counted.acquisition_channel_key,
    cast(counted.horizon_days as bigint) as horizon_days,
    cast(counted.new_customers as bigint) as new_customers,
    cast(counted.mature_customers as bigint) as mature_customers,
    cast(
        case
            when counted.mature_customers > 0 then coalesce(valued.net_revenue_amount, 0)
        end as decimal(18, 2)
    ) as net_revenue_amount,
    {{ ratio(
        'case when counted.mature_customers > 0 then coalesce(valued.net_revenue_amount, 0) end',
        'counted.mature_customers'
    ) }} as ltv_amount,
    cast(null as decimal(18, 2)) as margin_amount,
    cast(null as decimal(18, 6)) as ltv_margin_amount,
    cast(counted.truncated_customers as bigint) as truncated_customers,
    counted.new_customers > 0 and counted.mature_customers = counted.new_customers as is_mature,
    counted.cohort_month as cohort_month_date
from counted
left join valued
    on
        counted.cohort_month = valued.cohort_month
        and counted.acquisition_channel_key = valued.acquisition_channel_key
        and counted.horizon_days = valued.horizon_days
