-- One row per day to look ahead from: how the rate of repeat purchases falls with a customer's age.
-- rate per customer and week = level * age^slope, from the fifth week on. The slope is the line
-- through the logarithms, each week weighing as many repeats as it saw; the level makes the curve's
-- total that of these weeks. Fewer than eight weeks are no curve.
with origins as (
    select distinct origin_date from {{ ref('int_score_requests') }} where score_name = 'curve'
),

histories as (
    select
        histories.origin_date,
        histories.user_key,
        histories.first_purchase_date,
        {{ floor_div('histories.age_days', 7) }} as lived_weeks
    from {{ ref('int_score_histories') }} as histories
    inner join origins on histories.origin_date = origins.origin_date
),

-- A week counts for those who have lived it to its end.
repeats as (
    select
        histories.origin_date,
        {{ floor_div(
            days_between('histories.first_purchase_date', 'purchases.purchase_date'), 7
        ) }} as age_week,
        count(*) as repeats
    from histories
    inner join {{ ref('int_purchases') }} as purchases
        on
            histories.user_key = purchases.user_key
            and histories.first_purchase_date < purchases.purchase_date
            and {{ days_between('histories.first_purchase_date', 'purchases.purchase_date') }}
            < 7 * histories.lived_weeks
    group by 1, 2
),

lived as (
    select origin_date, lived_weeks, count(*) as customers from histories group by 1, 2
),

weeks as (
    select
        repeats.origin_date,
        repeats.age_week + 0.5 as age_weeks,
        repeats.repeats,
        sum(lived.customers) as customers
    from repeats
    inner join lived
        on repeats.origin_date = lived.origin_date and repeats.age_week < lived.lived_weeks
    where repeats.age_week >= 4
    group by 1, 2, 3
),

points as (
    select
        origin_date,
        {{ as_double('repeats') }} as weight,
        {{ as_double('customers') }} as customers,
        ln({{ as_double('age_weeks') }}) as x,
        ln({{ as_double('repeats') }} / customers) as y
    from weeks
),

slopes as (
    select
        origin_date,
        (sum(weight) * sum(weight * x * y) - sum(weight * x) * sum(weight * y))
        / nullif(sum(weight) * sum(weight * x * x) - sum(weight * x) * sum(weight * x), 0) as slope
    from points
    group by 1
    having count(*) >= 8
)

select
    points.origin_date,
    slopes.slope,
    sum(points.weight) / sum(points.customers * exp(slopes.slope * points.x)) as level
from points
inner join slopes on points.origin_date = slopes.origin_date
group by 1, 2
