-- From the month of the first purchase on each customer is in each month's segments once, with the
-- stage, purchases and money that a plain search of its last day finds.
with months as (
    select distinct month_date, state_date from {{ ref('user_segments') }}
),

expected as (
    select
        months.month_date,
        int_purchases.user_key,
        count(*) as purchases,
        sum(int_purchases.net_revenue_amount) as net_revenue_amount,
        {{ days_between('max(int_purchases.purchase_date)', 'months.state_date') }} as silent_days
    from months
    inner join {{ ref('int_purchases') }} as int_purchases
        on months.state_date >= int_purchases.purchase_date
    group by months.month_date, months.state_date, int_purchases.user_key
),

found as (
    select
        segments.*,
        stages.p50_days,
        stages.p80_days,
        stages.p90_days
    from {{ ref('user_segments') }} as segments
    inner join {{ ref('user_lifecycle') }} as stages
        on
            segments.user_key = stages.user_key
            and segments.state_date >= stages.valid_from_date
            and (stages.valid_to_date is null or segments.state_date < stages.valid_to_date)
)

select
    expected.month_date,
    expected.user_key,
    found.lifecycle_stage
from expected
full join found
    on expected.user_key = found.user_key and expected.month_date = found.month_date
where
    expected.user_key is null
    or found.user_key is null
    or expected.purchases <> found.purchase_count
    or expected.net_revenue_amount <> found.net_revenue_amount
    or expected.silent_days <> found.silent_days
    or found.lifecycle_stage <> case
        when expected.silent_days > found.p90_days then 'lapsed'
        when expected.silent_days > found.p80_days then 'at_risk'
        when expected.silent_days > found.p50_days then 'cooling'
        else found.lifecycle_stage
    end
