-- One row per day to look ahead from, purchase model, horizon and kind of history: what follows.
-- Customers with the same numbers of repeats and days have the same future, so it is told once.
with requests as (
    select distinct score_name, horizon_days, origin_date from {{ ref('int_score_requests') }}
),

parameters as (
    select * from {{ ref('int_btyd_parameters') }}
),

histories as (
    select distinct
        origin_date,
        repeat_count,
        recency_days,
        age_days
    from {{ ref('int_score_histories') }}
),

inputs as (
    select
        requests.score_name,
        requests.origin_date,
        requests.horizon_days,
        histories.age_days,
        histories.recency_days,
        parameters.r,
        parameters.alpha,
        parameters.b,
        {{ off_value('parameters.a', 1) }} as a,
        {{ as_double('histories.repeat_count') }} as repeat_count,
        histories.repeat_count + parameters.first_dropout_chances as dropout_chances,
        {{ as_double('histories.recency_days') }} / 7 as recency_weeks,
        {{ as_double('histories.age_days') }} / 7 as age_weeks,
        requests.horizon_days
        / (7 * parameters.alpha + histories.age_days + requests.horizon_days) as horizon_share
    from requests
    inner join parameters
        on
            requests.score_name = parameters.score_name
            and requests.origin_date = parameters.origin_date
    inner join histories on requests.origin_date = histories.origin_date
),

arguments as (
    select
        inputs.*,
        {{ btyd_alive() }} as alive_probability,
        {{ btyd_buys() }} as buys_probability,
        {{ btyd_first() }} as series_first,
        {{ btyd_second() }} as series_second,
        {{ off_value(btyd_third(), 0) }} as series_third,
        {{ bounded_exp(btyd_power() ~ ' * ln(1 - horizon_share)') }} as series_factor
    from inputs
),

-- 120 terms of the series, from the last to the first.
series_100 as (
    select arguments.*, {{ btyd_series(100, '1') }} as rest_100 from arguments
),

series_80 as (
    select series_100.*, {{ btyd_series(80, 'rest_100') }} as rest_80 from series_100
),

series_60 as (
    select series_80.*, {{ btyd_series(60, 'rest_80') }} as rest_60 from series_80
),

series_40 as (
    select series_60.*, {{ btyd_series(40, 'rest_60') }} as rest_40 from series_60
),

series_20 as (
    select series_40.*, {{ btyd_series(20, 'rest_40') }} as rest_20 from series_40
),

series as (
    select series_20.*, {{ btyd_series(0, 'rest_20') }} as series_value from series_20
)

select
    {{ key_of([
        'origin_date', 'score_name', 'horizon_days', 'cast(repeat_count as bigint)', 'recency_days',
        'age_days'
    ]) }} as prediction_key,
    score_name,
    horizon_days,
    cast(repeat_count as bigint) as repeat_count,
    recency_days,
    age_days,
    horizon_share,
    alive_probability,
    alive_probability * buys_probability as purchase_probability,
    -- Further than this the series is not exact: a customer of days says nothing of a year.
    case
        when horizon_share <= 0.95 and (age_days >= 7 or horizon_days <= 364)
            then
                alive_probability * series_third / (a - 1) * (
                    1 - series_factor * series_value
                )
    end as expected_orders,
    origin_date
from series
