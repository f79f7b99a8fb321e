-- One row per month of first purchase, acquisition channel and horizon: value realised by then.
-- Net revenue of days before first purchase + horizon, of customers old enough; refunds restate.
-- Margin is that of orders whose cost is known, with their share of the revenue beside it.
with customers as (
    select * from {{ ref('int_new_customers') }}
),

users as (
    select * from {{ ref('dim_users') }}
),

orders as (
    select * from {{ ref('fct_orders') }} where is_valid
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
        {{ month_end('customers.cohort_month') }} <= as_of.as_of_date as is_month_over,
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
        sum(orders.net_revenue_amount) as net_revenue_amount,
        sum(orders.margin_amount) as margin_amount,
        sum(
            case when orders.margin_amount is not null then orders.net_revenue_amount end
        ) as costed_net_revenue_amount
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
        is_month_over,
        count(case when is_new then 1 end) as new_customers,
        count(case when is_new and is_old_enough then 1 end) as mature_customers,
        count(case when not is_new then 1 end) as truncated_customers
    from aged
    group by 1, 2, 3, 4
),

worth as (
    select
        counted.*,
        case
            when counted.mature_customers > 0 then coalesce(valued.net_revenue_amount, 0)
        end as net_revenue_amount,
        -- Who bought nothing made no margin, and that is known.
        case
            when counted.mature_customers > 0 and valued.cohort_month is null then 0
            else valued.margin_amount
        end as margin_amount,
        coalesce(valued.costed_net_revenue_amount, 0) as costed_net_revenue_amount
    from counted
    left join valued
        on
            counted.cohort_month = valued.cohort_month
            and counted.acquisition_channel_key = valued.acquisition_channel_key
            and counted.horizon_days = valued.horizon_days
)

select
    {{ key_of(['cohort_month', 'acquisition_channel_key', 'horizon_days']) }} as ltv_cohort_key,
    acquisition_channel_key,
    cast(horizon_days as bigint) as horizon_days,
    cast(new_customers as bigint) as new_customers,
    cast(mature_customers as bigint) as mature_customers,
    cast(net_revenue_amount as decimal(18, 2)) as net_revenue_amount,
    {{ ratio('net_revenue_amount', 'mature_customers') }} as ltv_amount,
    cast(margin_amount as decimal(18, 2)) as margin_amount,
    {{ ratio('margin_amount', 'mature_customers') }} as ltv_margin_amount,
    {{ ratio('costed_net_revenue_amount', 'net_revenue_amount') }} as cost_coverage_share,
    cast(truncated_customers as bigint) as truncated_customers,
    is_month_over and new_customers > 0 and mature_customers = new_customers as is_mature,
    cohort_month as cohort_month_date
from worth
