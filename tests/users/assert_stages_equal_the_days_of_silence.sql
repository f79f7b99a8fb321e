-- The stage of everybody on every 17th day, told from the orders by the days since the last one.
with as_of as (
    select as_of_date from {{ ref('dim_as_of') }} where metric_family = 'orders'
),

days as (
    select dim_dates.date_day
    from {{ ref('dim_dates') }} as dim_dates
    inner join as_of on dim_dates.date_day <= as_of.as_of_date
    where mod({{ days_between("cast('2000-01-01' as date)", 'date_day') }}, 17) = 0
),

silences as (
    select
        days.date_day,
        orders.user_key,
        users.first_order_status,
        count(distinct orders.order_date) as purchase_count,
        {{ days_between('max(orders.order_date)', 'days.date_day') }} as silent_days
    from days
    inner join {{ ref('fct_orders') }} as orders
        on days.date_day >= orders.order_date and orders.is_valid
    inner join {{ ref('dim_users') }} as users
        on orders.user_key = users.user_key and users.user_key <> 'unknown'
    group by days.date_day, orders.user_key, users.first_order_status
),

plain as (
    select
        silences.date_day,
        silences.user_key,
        lifecycle.lifecycle_stage,
        case
            when silences.silent_days > lifecycle.p90_days then 'lapsed'
            when silences.silent_days > lifecycle.p80_days then 'at_risk'
            when silences.silent_days > lifecycle.p50_days then 'cooling'
            when silences.purchase_count = 1 and silences.first_order_status = 'known' then 'new'
            when exists (
                select 1 from {{ ref('user_lifecycle') }} as before
                where
                    before.user_key = silences.user_key
                    and before.purchase_number = lifecycle.purchase_number - 1
                    and {{ days_between(
                        'before.last_purchase_date', 'lifecycle.last_purchase_date'
                    ) }} > before.p90_days
            ) then 'returned'
            else 'active'
        end as plain_stage
    from silences
    left join {{ ref('user_lifecycle') }} as lifecycle
        on
            silences.user_key = lifecycle.user_key
            and silences.date_day >= lifecycle.valid_from_date
            and silences.date_day < coalesce(lifecycle.valid_to_date, cast('9999-12-31' as date))
)

select *
from plain
where lifecycle_stage is null or lifecycle_stage <> plain_stage
