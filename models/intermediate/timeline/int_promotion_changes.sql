-- One row per promotion, measure and period for those who were customers long before it: how many
-- they are, what they bought, what they used to buy in as many days, and sums of the differences.
-- Each person is held against himself, times 90, so that sums stay exact.
with regulars as (
    select * from {{ ref('int_promotion_regulars') }}
),

-- Days of the period, what was bought in it (y), and in the 90 days before the promotion (x).
periods as (
    select
        promotion_key,
        'purchases_in_promotion' as metric_name,
        promotion_days as period_days,
        purchases_during as y,
        purchases_before as x
    from regulars
    union all
    select promotion_key, 'purchases_after_promotion', 30, purchases_after, purchases_before
    from regulars
    union all
    select
        promotion_key,
        'purchases_in_and_after',
        promotion_days + 30,
        purchases_during + purchases_after,
        purchases_before
    from regulars
    union all
    select promotion_key, 'revenue_in_promotion', promotion_days, revenue_during, revenue_before
    from regulars
    union all
    select promotion_key, 'revenue_after_promotion', 30, revenue_after, revenue_before
    from regulars
    union all
    select
        promotion_key,
        'revenue_in_and_after',
        promotion_days + 30,
        revenue_during + revenue_after,
        revenue_before
    from regulars
),

exact as (
    select
        promotion_key,
        metric_name,
        period_days,
        cast(y as decimal(18, 2)) as y,
        cast(period_days * x as decimal(18, 2)) as x90,
        cast(90 * y - period_days * x as decimal(18, 2)) as d90
    from periods
)

select
    {{ key_of(['promotion_key', 'metric_name']) }} as promotion_change_key,
    promotion_key,
    metric_name,
    period_days,
    count(*) as n,
    sum(y) as sum_y,
    sum(x90) as sum_x90,
    sum(d90) as sum_d90,
    sum(d90 * d90) as sum_dd90
from exact
group by promotion_key, metric_name, period_days
