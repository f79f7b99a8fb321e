-- One row per customer: what to expect of them from the as-of day on, and how likely they are lost.
-- No fit is null and said so; a customer of less than a week has no figure for a year.
with as_of as (
    select as_of_date from {{ ref('dim_as_of') }} where metric_family = 'orders'
),

histories as (
    select histories.*
    from {{ ref('int_score_histories') }} as histories
    inner join as_of on histories.origin_date = as_of.as_of_date
),

parameters as (
    select parameters.*
    from {{ ref('int_btyd_parameters') }} as parameters
    inner join as_of on parameters.origin_date = as_of.as_of_date
),

fits as (
    select
        histories.user_key,
        orders.fit_date,
        orders.score_name as orders_model,
        churn.score_name as churn_model
    from histories
    left join parameters as orders
        on orders.score_name = '{{ var("expected_orders_model") }}'
    left join parameters as churn on churn.score_name = 'mbg_nbd'
),

predictions as (
    select predictions.*
    from {{ ref('int_btyd_predictions') }} as predictions
    inner join as_of on predictions.origin_date = as_of.as_of_date
),

expected as (
    select
        repeat_count,
        recency_days,
        age_days,
        max(case when horizon_days = 30 then expected_orders end) as expected_orders_30,
        max(case when horizon_days = 90 then expected_orders end) as expected_orders_90,
        max(case when horizon_days = 180 then expected_orders end) as expected_orders_180,
        max(case when horizon_days = 365 then expected_orders end) as expected_orders_365
    from predictions
    where score_name = '{{ var("expected_orders_model") }}'
    group by 1, 2, 3
),

lost as (
    select * from predictions
    where score_name = 'mbg_nbd' and horizon_days = {{ var('churn_horizon_days') }}
),

spend_values as (
    select spend_values.*
    from {{ ref('int_spend_values') }} as spend_values
    inner join as_of on spend_values.origin_date = as_of.as_of_date
),

cells as (
    select cells.*
    from {{ ref('int_propensity_cells') }} as cells
    inner join as_of on cells.origin_date = as_of.as_of_date
)

select
    histories.user_key,
    case
        when fits.orders_model is null or fits.churn_model is null then 'no_fit'
        when expected.expected_orders_365 is null then 'too_young'
        else 'scored'
    end as score_status,
    cells.cell_name || ': ' || cells.buyers || ' of ' || cells.customers || ' bought within '
    || cells.horizon_days || ' days' as score_reason,
    histories.purchase_count,
    cast(spend_values.purchase_value as decimal(18, 2)) as purchase_value_amount,
    cast(expected.expected_orders_30 as decimal(18, 6)) as expected_orders_30,
    cast(expected.expected_orders_90 as decimal(18, 6)) as expected_orders_90,
    cast(expected.expected_orders_180 as decimal(18, 6)) as expected_orders_180,
    cast(expected.expected_orders_365 as decimal(18, 6)) as expected_orders_365,
    cast(
        expected.expected_orders_30 * spend_values.purchase_value as decimal(18, 2)
    ) as expected_revenue_30_amount,
    cast(
        expected.expected_orders_90 * spend_values.purchase_value as decimal(18, 2)
    ) as expected_revenue_90_amount,
    cast(
        expected.expected_orders_180 * spend_values.purchase_value as decimal(18, 2)
    ) as expected_revenue_180_amount,
    cast(
        expected.expected_orders_365 * spend_values.purchase_value as decimal(18, 2)
    ) as expected_revenue_365_amount,
    cast(lost.alive_probability as decimal(18, 6)) as p_alive,
    cast(1 - lost.purchase_probability as decimal(18, 6)) as churn_probability,
    cast(cells.purchase_probability as decimal(18, 6)) as purchase_propensity,
    cast({{ var('churn_horizon_days') }} as bigint) as churn_horizon_days,
    histories.first_purchase_date,
    histories.last_purchase_date,
    fits.fit_date,
    histories.origin_date as as_of_date
from histories
inner join fits on histories.user_key = fits.user_key
inner join spend_values on histories.user_key = spend_values.user_key
left join expected
    on
        histories.repeat_count = expected.repeat_count
        and histories.recency_days = expected.recency_days
        and histories.age_days = expected.age_days
left join lost
    on
        histories.repeat_count = lost.repeat_count
        and histories.recency_days = lost.recency_days
        and histories.age_days = lost.age_days
left join cells
    on
        histories.purchase_count between cells.from_purchases and cells.to_purchases
        and histories.idle_days between cells.from_idle_days and cells.to_idle_days
