-- Payback, looked up another way: on the day told the margin of the month's new customers reaches
-- the spend, on no earlier day does it, and where none is told no day that all have lived through
-- does. Where customers may not have been new, no day is told.
with orders as (
    select
        {{ month_start('users.first_order_date') }} as month_date,
        users.acquisition_channel_key,
        {{ days_between('users.first_order_date', 'orders.order_date') }} as age_days,
        orders.margin_amount
    from {{ ref('fct_orders') }} as orders
    inner join {{ ref('dim_users') }} as users on orders.user_key = users.user_key
    where users.first_order_status = 'known' and orders.is_valid
),

days as (
    select distinct month_date, acquisition_channel_key, age_days from orders
),

curve as (
    select
        days.month_date,
        days.acquisition_channel_key,
        days.age_days,
        coalesce(sum(orders.margin_amount), 0) as margin_amount
    from days
    inner join orders
        on
            days.month_date = orders.month_date
            and days.acquisition_channel_key = orders.acquisition_channel_key
            and days.age_days >= orders.age_days
    group by 1, 2, 3
),

checked as (
    select
        payback.month_date,
        payback.acquisition_channel_key,
        payback.payback_days,
        payback.truncated_customers,
        count(
            case
                when
                    curve.age_days = payback.payback_days and curve.margin_amount >= payback.spend
                    then 1
            end
        ) as days_that_pay,
        count(
            case
                when
                    curve.age_days < coalesce(payback.payback_days, payback.observed_days + 1)
                    and curve.margin_amount >= payback.spend
                    then 1
            end
        ) as days_that_paid_before
    from {{ ref('channel_payback') }} as payback
    left join curve
        on
            payback.month_date = curve.month_date
            and payback.acquisition_channel_key = curve.acquisition_channel_key
    where payback.spend > 0
    group by 1, 2, 3, 4
)

select * from checked
where
    case
        when truncated_customers > 0 then payback_days is not null
        else
            days_that_paid_before > 0
            or days_that_pay <> case when payback_days is null then 0 else 1 end
    end
