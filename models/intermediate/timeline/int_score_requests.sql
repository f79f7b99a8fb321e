-- One row per use, day to look ahead from, score and horizon: what is to be predicted.
-- score looks ahead from the as-of day, calibration from one churn horizon before it, backtest from
-- every 30th day since 2000: fixed days, so that a fit made once serves every later build.
with as_of as (
    select as_of_date from {{ ref('int_as_of') }}
    where metric_family = 'orders' and as_of_date is not null
),

purchases as (
    select purchases.purchase_date, as_of.as_of_date
    from {{ ref('int_purchases') }} as purchases
    inner join as_of on purchases.purchase_date <= as_of.as_of_date
),

horizons as (
    select horizon_days from {{ ref('horizons') }}
),

first_days as (
    select as_of_date, min(purchase_date) as first_date from purchases group by 1
),

-- A day needs a purchase in the 30 days from it on; two years of days are enough to judge by.
rolling as (
    select distinct
        as_of_date,
        {{ add_days(
            "cast('2000-01-01' as date)",
            floor_div(days_between("cast('2000-01-01' as date)", 'purchase_date'), 30) ~ ' * 30'
        ) }} as origin_date
    from purchases
    where
        {{ days_between('purchase_date', 'as_of_date') }} <= 730
        and purchase_date >= cast('2000-01-01' as date)
),

churn_scores as (
    select 'bg_nbd' as score_name union all select 'mbg_nbd' union all select 'rf_grid'
),

order_scores as (
    select 'bg_nbd' as score_name union all select 'mbg_nbd' union all select 'curve'
),

requests as (
    select
        'score' as request_type,
        first_days.as_of_date as origin_date,
        '{{ var("expected_orders_model") }}' as score_name,
        horizons.horizon_days
    from first_days
    inner join horizons on horizons.horizon_days >= 30
    union all
    select 'score', first_days.as_of_date, churn_scores.score_name, {{ var('churn_horizon_days') }}
    from first_days
    inner join churn_scores on churn_scores.score_name <> 'bg_nbd'
    union all
    select
        'calibration',
        {{ add_days('first_days.as_of_date', '-' ~ var('churn_horizon_days')) }},
        churn_scores.score_name,
        {{ var('churn_horizon_days') }}
    from first_days
    cross join churn_scores
    union all
    select 'backtest', rolling.origin_date, order_scores.score_name, horizons.horizon_days
    from rolling
    inner join horizons
        on
            horizons.horizon_days >= 90
            and {{ add_days('rolling.origin_date', 'horizons.horizon_days') }} <= rolling.as_of_date
    cross join order_scores
)

select
    {{ key_of([
        'requests.request_type', 'requests.origin_date', 'requests.score_name',
        'requests.horizon_days'
    ]) }} as request_key,
    requests.request_type,
    requests.score_name,
    cast(requests.horizon_days as bigint) as horizon_days,
    requests.origin_date
from requests
inner join first_days on requests.origin_date >= first_days.first_date
