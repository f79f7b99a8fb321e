-- One row per past day, horizon, score and cohort: orders and revenue predicted, and what came.
-- Every prediction uses only what was known on that day, its fit too; without a fit it is null.
-- Cohorts are months of first purchase, and `all`.
with customers as (
    select * from {{ ref('int_backtest_customers') }}
),

cohorts as (
    select
        customers.*,
        'month' as cohort_type,
        {{ month_start('customers.first_purchase_date') }} as cohort_month_date
    from customers
    union all
    select
        customers.*,
        'all' as cohort_type,
        cast(null as date) as cohort_month_date
    from customers
),

-- A customer too young for a figure is on neither side.
summed as (
    select
        cohort_type,
        cohort_month_date,
        score_name,
        horizon_days,
        origin_date,
        count(*) as customers,
        count(predicted_orders) as predicted_customers,
        sum(predicted_orders) as predicted_orders,
        sum(case when predicted_orders is not null then actual_orders end) as actual_orders,
        sum(abs(predicted_orders - actual_orders)) as orders_error,
        sum(predicted_revenue) as predicted_revenue,
        sum(case when predicted_orders is not null then actual_revenue end) as actual_revenue,
        sum(
            abs(predicted_revenue - {{ as_double('actual_revenue') }})
        ) as revenue_error
    from cohorts
    group by 1, 2, 3, 4, 5
),

-- In double precision, where no quotient lies so near a half that engines round it differently.
compared as (
    select
        summed.*,
        (predicted_orders - actual_orders)
        / nullif({{ as_double('actual_orders') }}, 0) as orders_bias,
        (predicted_revenue - {{ as_double('actual_revenue') }})
        / nullif({{ as_double('actual_revenue') }}, 0) as revenue_bias
    from summed
)

select
    {{ key_of([
        'origin_date', 'horizon_days', 'score_name', 'cohort_type', 'cohort_month_date'
    ]) }} as ltv_backtest_key,
    score_name,
    cohort_type,
    case when predicted_customers > 0 then 'predicted' else 'no_fit' end as backtest_status,
    horizon_days,
    cast(customers as bigint) as customers,
    cast(predicted_customers as bigint) as predicted_customers,
    cast(predicted_orders as decimal(18, 6)) as predicted_orders,
    cast(actual_orders as bigint) as actual_orders,
    cast(orders_bias as decimal(18, 6)) as orders_bias,
    cast(orders_error / nullif(predicted_customers, 0) as decimal(18, 6)) as orders_mae,
    cast(predicted_revenue as decimal(18, 2)) as predicted_revenue_amount,
    cast(actual_revenue as decimal(18, 2)) as actual_revenue_amount,
    cast(revenue_bias as decimal(18, 6)) as revenue_bias,
    cast(revenue_error / nullif(predicted_customers, 0) as decimal(18, 6)) as revenue_mae_amount,
    coalesce(abs(revenue_bias) > 0.2, false) as is_bias_large,
    cohort_month_date,
    origin_date
from compared
