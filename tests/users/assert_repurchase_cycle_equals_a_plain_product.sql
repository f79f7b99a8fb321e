-- The curve of first to second purchases over everything, from orders and by comparing every age
-- with every gap: it is above one half before the median and not after it, and S(90) is the one
-- told.
with days as (
    select distinct orders.user_key, orders.order_date, users.first_order_date, as_of.as_of_date
    from {{ ref('fct_orders') }} as orders
    inner join {{ ref('dim_users') }} as users
        on orders.user_key = users.user_key and users.first_order_status = 'known'
    inner join {{ ref('dim_as_of') }} as as_of
        on as_of.metric_family = 'orders' and orders.order_date <= as_of.as_of_date
    where orders.is_valid
),

firsts as (
    select
        user_key,
        {{ days_between(
            'first_order_date',
            'coalesce(min(case when order_date > first_order_date then order_date end), as_of_date)'
        ) }} as gap_days,
        count(*) > 1 as is_returned
    from days
    group by user_key, first_order_date, as_of_date
),

ages as (
    select
        ages.gap_days,
        count(*) as at_risk_count,
        count(
            case when gaps.gap_days = ages.gap_days and gaps.is_returned then 1 end
        ) as ended_count
    from (select distinct gap_days from firsts where is_returned) as ages
    inner join firsts as gaps on ages.gap_days <= gaps.gap_days
    group by ages.gap_days
),

cycle as (
    select * from {{ ref('repurchase_cycle') }}
    where
        acquisition_channel_key = 'all' and category_name = 'all'
        and gap_type = 'first_to_second'
),

plain as (
    select
        cycle.km_median_days,
        cycle.survival_90d_rate,
        exp(sum(case when ages.gap_days <= 90 then ages.log_left else 0 end)) as survival_90d,
        exp(
            sum(case when ages.gap_days < cycle.km_median_days then ages.log_left else 0 end)
        ) as before,
        exp(
            sum(case when ages.gap_days <= cycle.km_median_days then ages.log_left else 0 end)
        ) as after,
        exp(sum(ages.log_left)) as last_survival
    from cycle
    cross join (
        select
            gap_days,
            ln(
                (at_risk_count - ended_count + 0.000000000001)
                / {{ as_double('at_risk_count') }}
            ) as log_left
        from ages
    ) as ages
    group by cycle.km_median_days, cycle.survival_90d_rate
)

select *
from plain
where
    abs(survival_90d - survival_90d_rate) > 0.000001
    or before < 0.5 - 0.000000001
    or (km_median_days is not null and after > 0.5 + 0.000000001)
    or (km_median_days is null and last_survival < 0.5 - 0.000000001)
