-- One row per day to look ahead from and customer: purchases up to that day, as a score sees them.
-- The days are those of int_score_requests and those a grid is trained on, one horizon earlier.
with requests as (
    select * from {{ ref('int_score_requests') }}
),

purchases as (
    select user_key, purchase_date from {{ ref('int_purchases') }}
),

people as (
    select user_key, first_order_status from {{ ref('int_people') }}
),

origins as (
    select origin_date from requests
    union
    select {{ add_days('origin_date', '-horizon_days') }} from requests where score_name = 'rf_grid'
),

histories as (
    select
        origins.origin_date,
        purchases.user_key,
        count(*) as purchase_count,
        min(purchases.purchase_date) as first_purchase_date,
        max(purchases.purchase_date) as last_purchase_date
    from origins
    inner join purchases on origins.origin_date >= purchases.purchase_date
    group by 1, 2
)

select
    {{ key_of(['histories.origin_date', 'histories.user_key']) }} as history_key,
    histories.user_key,
    people.first_order_status,
    cast(histories.purchase_count as bigint) as purchase_count,
    cast(histories.purchase_count - 1 as bigint) as repeat_count,
    {{ days_between(
        'histories.first_purchase_date', 'histories.last_purchase_date'
    ) }} as recency_days,
    {{ days_between('histories.first_purchase_date', 'histories.origin_date') }} as age_days,
    {{ days_between('histories.last_purchase_date', 'histories.origin_date') }} as idle_days,
    histories.first_purchase_date,
    histories.last_purchase_date,
    histories.origin_date
from histories
inner join people on histories.user_key = people.user_key
