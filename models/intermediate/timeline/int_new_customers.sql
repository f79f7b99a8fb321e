-- One row per person with a first purchase, with its horizon ages.
-- Second purchase and money are measured in days since the first purchase day.
with people as (
    select * from {{ ref('int_people') }} where first_order_date is not null
),

second_orders as (
    select user_key, min(order_date) as second_order_date
    from {{ ref('int_orders_identified') }}
    where is_valid and purchase_number = 2
    group by 1
)

select
    people.user_key,
    people.first_order_status,
    people.first_order_date,
    {{ month_start('people.first_order_date') }} as cohort_month,
    second_orders.second_order_date,
    {{ days_between(
        'people.first_order_date', 'second_orders.second_order_date'
    ) }} as second_order_age_days
from people
left join second_orders on people.user_key = second_orders.user_key
