-- One row per backtested day, score, horizon and customer: predicted then, and what happened.
-- The curve gives everyone of an age the same; before the fifth week it is as high as then. Orders
-- become revenue by what a purchase of the customer was worth, as known then.
{{ config(materialized='view') }}
with requests as (
    select
        *,
        {{ as_double('horizon_days') }} / 7 as horizon_weeks
    from {{ ref('int_score_requests') }}
    where request_type = 'backtest'
),

histories as (
    select
        histories.*,
        {{ as_double('histories.age_days') }} / 7 as age_weeks
    from {{ ref('int_score_histories') }} as histories
),

curves as (
    select
        origin_date,
        level,
        slope,
        {{ off_value('slope + 1', 0) }} as power
    from {{ ref('int_repeat_curves') }}
),

spend_values as (
    select * from {{ ref('int_spend_values') }}
),

actual as (
    select
        looks.origin_date,
        looks.horizon_days,
        purchases.user_key,
        count(*) as orders,
        sum(purchases.net_revenue_amount) as revenue_amount
    from (select distinct origin_date, horizon_days from requests) as looks
    inner join {{ ref('int_purchases') }} as purchases
        on
            looks.origin_date < purchases.purchase_date
            and {{ add_days('looks.origin_date', 'looks.horizon_days') }} >= purchases.purchase_date
    group by 1, 2, 3
),

predicted as (
    select
        requests.score_name,
        requests.horizon_days,
        requests.origin_date,
        histories.user_key,
        histories.first_purchase_date,
        case
            when requests.score_name = 'curve'
                then
                    curves.level * greatest(4 - histories.age_weeks, 0) * exp(curves.slope * ln(4))
                    + curves.level / curves.power * (
                        exp(curves.power * ln(histories.age_weeks + requests.horizon_weeks))
                        - exp(curves.power * ln(greatest(histories.age_weeks, 4)))
                    )
            else predictions.expected_orders
        end as predicted_orders
    from requests
    inner join histories on requests.origin_date = histories.origin_date
    left join curves on requests.origin_date = curves.origin_date
    left join {{ ref('int_btyd_predictions') }} as predictions
        on
            requests.score_name = predictions.score_name
            and requests.origin_date = predictions.origin_date
            and requests.horizon_days = predictions.horizon_days
            and histories.repeat_count = predictions.repeat_count
            and histories.recency_days = predictions.recency_days
            and histories.age_days = predictions.age_days
)

select
    {{ key_of([
        'predicted.origin_date', 'predicted.score_name', 'predicted.horizon_days',
        'predicted.user_key'
    ]) }} as backtest_customer_key,
    predicted.user_key,
    predicted.score_name,
    predicted.horizon_days,
    predicted.predicted_orders,
    predicted.predicted_orders * spend_values.purchase_value as predicted_revenue,
    coalesce(actual.orders, 0) as actual_orders,
    coalesce(actual.revenue_amount, 0) as actual_revenue,
    predicted.first_purchase_date,
    predicted.origin_date
from predicted
inner join spend_values
    on
        predicted.origin_date = spend_values.origin_date
        and predicted.user_key = spend_values.user_key
left join actual
    on
        predicted.origin_date = actual.origin_date
        and predicted.horizon_days = actual.horizon_days
        and predicted.user_key = actual.user_key
