-- One row per score and tenth of customers by it: how many should have bought, and how many did.
-- Scored one churn horizon before the as-of day with what was known then, compared with what came.
-- Equal scores share a tenth.
with requests as (
    select * from {{ ref('int_score_requests') }} where request_type = 'calibration'
),

as_of as (
    select as_of_date from {{ ref('dim_as_of') }} where metric_family = 'orders'
),

histories as (
    select * from {{ ref('int_score_histories') }}
),

buyers as (
    select histories.user_key, histories.last_purchase_date
    from histories
    inner join as_of on histories.origin_date = as_of.as_of_date
),

scored as (
    select
        requests.score_name,
        requests.horizon_days,
        requests.origin_date,
        coalesce(
            predictions.purchase_probability, cells.purchase_probability
        ) as predicted_rate,
        case when buyers.last_purchase_date > requests.origin_date then 1 else 0 end as is_buyer
    from requests
    inner join histories on requests.origin_date = histories.origin_date
    inner join buyers on histories.user_key = buyers.user_key
    left join {{ ref('int_btyd_predictions') }} as predictions
        on
            requests.score_name = predictions.score_name
            and requests.origin_date = predictions.origin_date
            and requests.horizon_days = predictions.horizon_days
            and histories.repeat_count = predictions.repeat_count
            and histories.recency_days = predictions.recency_days
            and histories.age_days = predictions.age_days
    left join {{ ref('int_propensity_cells') }} as cells
        on
            requests.score_name = 'rf_grid'
            and requests.origin_date = cells.origin_date
            and histories.purchase_count between cells.from_purchases and cells.to_purchases
            and histories.idle_days between cells.from_idle_days and cells.to_idle_days
),

ranked as (
    select
        scored.*,
        cast(ceil(10 * cume_dist() over (
            partition by score_name order by cast(predicted_rate as decimal(18, 9))
        )) as bigint) as decile
    from scored
    where predicted_rate is not null
),

counted as (
    select
        score_name,
        horizon_days,
        decile,
        origin_date,
        count(*) as customers,
        sum(predicted_rate) as predicted_buyers,
        sum(is_buyer) as actual_buyers,
        sum((predicted_rate - is_buyer) * (predicted_rate - is_buyer)) as squared_error
    from ranked
    group by 1, 2, 3, 4
),

errors as (
    select
        counted.*,
        sum(abs(predicted_buyers - actual_buyers)) over (partition by score_name) as total_error,
        sum(squared_error) over (partition by score_name) as total_squared_error,
        sum(customers) over (partition by score_name) as total_customers
    from counted
)

select
    {{ key_of(['score_name', 'decile']) }} as score_calibration_key,
    score_name,
    horizon_days,
    decile,
    cast(customers as bigint) as customers,
    cast(predicted_buyers as decimal(18, 6)) as predicted_buyers,
    cast(actual_buyers as bigint) as actual_buyers,
    cast(predicted_buyers / customers as decimal(18, 6)) as predicted_purchase_rate,
    {{ ratio('actual_buyers', 'customers') }} as actual_purchase_rate,
    cast(total_squared_error / total_customers as decimal(18, 6)) as brier_score,
    cast(total_error / total_customers as decimal(18, 6)) as expected_calibration_error,
    origin_date
from errors
