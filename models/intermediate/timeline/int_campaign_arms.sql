-- One row per campaign, arm and metric: how many people it holds and the sums that means, variances
-- and the adjustment for what was before are made of.
-- All control arms of a campaign are one, `control`. Metrics for customers leave out who had not
-- bought before; who has not reached the metric's days is counted, not measured.
with outcomes as (
    select * from {{ ref('int_campaign_outcomes') }}
),

measured as (
    select
        outcomes.tested_key,
        case when outcomes.is_control then 'control' else outcomes.arm end as arm,
        outcomes.is_control,
        outcomes.known_days,
        metrics.metric_name,
        metrics.measure_type,
        metrics.from_day,
        metrics.to_day,
        outcomes.known_days >= metrics.mature_days as is_over,
        case metrics.measure_type
            when 'purchased' then case when outcomes.purchases > 0 then 1 else 0 end
            when 'not_purchased' then case when outcomes.purchases > 0 then 0 else 1 end
            when 'purchases' then outcomes.purchases
            when 'net_revenue' then outcomes.net_revenue
            when 'margin' then outcomes.margin
        end as outcome,
        case metrics.measure_type
            when 'purchased' then case when outcomes.purchases_before > 0 then 1 else 0 end
            when 'not_purchased' then case when outcomes.purchases_before > 0 then 0 else 1 end
            when 'purchases' then outcomes.purchases_before
            when 'net_revenue' then outcomes.net_revenue_before
            when 'margin' then outcomes.margin_before
        end as outcome_before,
        outcomes.net_revenue,
        outcomes.costed_revenue
    from outcomes
    inner join {{ ref('effect_metrics') }} as metrics
        on outcomes.from_day = metrics.from_day and outcomes.to_day = metrics.to_day
    where outcomes.is_customer or not metrics.is_for_customers
),

exact as (
    select
        tested_key,
        arm,
        is_control,
        metric_name,
        measure_type,
        from_day,
        to_day,
        is_over,
        cast(outcome as decimal(18, 2)) as y,
        cast(outcome_before as decimal(18, 2)) as x,
        net_revenue,
        costed_revenue
    from measured
)

select
    {{ key_of(['tested_key', 'arm', 'is_control', 'metric_name', 'from_day', 'to_day']) }}
        as campaign_arm_key,
    tested_key,
    arm,
    is_control,
    metric_name,
    measure_type,
    from_day,
    to_day,
    count(*) as people,
    count(case when is_over then 1 end) as n,
    coalesce(sum(case when is_over then y end), 0) as sum_y,
    coalesce(sum(case when is_over then y * y end), 0) as sum_yy,
    coalesce(sum(case when is_over then x end), 0) as sum_x,
    coalesce(sum(case when is_over then x * x end), 0) as sum_xx,
    coalesce(sum(case when is_over then x * y end), 0) as sum_xy,
    coalesce(sum(case when is_over then net_revenue end), 0) as net_revenue,
    coalesce(sum(case when is_over then costed_revenue end), 0) as costed_revenue
from exact
group by tested_key, arm, is_control, metric_name, measure_type, from_day, to_day
