-- One row per acquisition channel (and `all`): what its new customers cost, whether they stay, what
-- they are worth, what goes wrong with them.
-- Each rate stands between the bounds of its 95 % interval; what takes days counts who is old
-- enough. The note compares with all other channels, and says where there are too few customers.
with customers as (
    select
        outcomes.*,
        scores.churn_probability,
        case when lapses.user_key is not null then 1 else 0 end as lapsed,
        case when channels.is_one then outcomes.acquisition_channel_key else 'all' end
            as channel_key
    from {{ ref('int_customer_outcomes') }} as outcomes
    cross join (select true as is_one union all select false) as channels
    left join {{ ref('user_scores') }} as scores on outcomes.user_key = scores.user_key
    left join {{ ref('user_lifecycle') }} as lapses
        on
            outcomes.user_key = lapses.user_key
            and lapses.is_current
            and lapses.lifecycle_stage = 'lapsed'
),

counted as (
    select
        channel_key,
        count(*) as new_customers,
        count(case when known_days >= 7 then 1 end) as mature_7d,
        count(case when known_days >= 30 then 1 end) as mature_30d,
        count(case when known_days >= 90 then 1 end) as mature_90d,
        count(case when known_days >= 365 then 1 end) as mature_365d,
        count(case when known_days >= 7 and second_order_age_days <= 7 then 1 end) as repeat_7d,
        count(case when known_days >= 30 and second_order_age_days <= 30 then 1 end) as repeat_30d,
        count(case when known_days >= 90 and second_order_age_days <= 90 then 1 end) as repeat_90d,
        sum(net_revenue_30d) as revenue_30d,
        sum(net_revenue_90d) as revenue_90d,
        sum(net_revenue_365d) as revenue_365d,
        sum(margin_30d) as margin_30d,
        sum(margin_90d) as margin_90d,
        sum(margin_365d) as margin_365d,
        sum(net_revenue_30d * net_revenue_30d) as revenue_30d_sq,
        sum(net_revenue_90d * net_revenue_90d) as revenue_90d_sq,
        sum(net_revenue_365d * net_revenue_365d) as revenue_365d_sq,
        sum(margin_30d * margin_30d) as margin_30d_sq,
        sum(margin_90d * margin_90d) as margin_90d_sq,
        sum(margin_365d * margin_365d) as margin_365d_sq,
        sum(costed_revenue_90d) as costed_revenue_90d,
        sum(placed_orders) as placed_orders,
        sum(refunded_orders) as refunded_orders,
        count(churn_probability) as scored,
        sum(churn_probability) as churn,
        sum(churn_probability * churn_probability) as churn_sq,
        sum(lapsed) as lapsed,
        count(has_bad_outcome) as judged,
        count(case when has_bad_outcome then 1 end) as bad
    from customers
    group by 1
),

costs as (
    select
        case when channels.is_one then cohorts.acquisition_channel_key else 'all' end
            as channel_key,
        sum(cohorts.spend) as spend,
        sum(cohorts.truncated_customers) as truncated_customers,
        sum(case when cohorts.truncated_customers = 0 then cohorts.spend end) as cac_spend,
        sum(case when cohorts.truncated_customers = 0 then cohorts.new_customers end)
            as cac_customers
    from {{ ref('channel_cohorts') }} as cohorts
    cross join (select true as is_one union all select false) as channels
    where cohorts.horizon_days = 7
    group by 1
),

-- Months in the order in which they had paid; those that have not stand last.
paid as (
    select
        acquisition_channel_key as channel_key,
        payback_days,
        row_number() over (
            partition by acquisition_channel_key order by payback_days nulls last, month_date
        ) as month_no,
        count(*) over (partition by acquisition_channel_key) as months,
        count(payback_days) over (partition by acquisition_channel_key) as paid_months
    from {{ ref('channel_payback') }}
    where spend > 0 and truncated_customers = 0 and observed_days >= 0
),

paybacks as (
    select channel_key, months, paid_months, payback_days
    from paid
    where month_no = {{ ceil_div('months', 2) }}
),

cycles as (
    select * from {{ ref('repurchase_cycle') }}
    where category_name = 'all' and gap_type = 'all'
),

-- Who spent and won nobody is here too. `all` has the largest counts, being the sum.
measured as (
    select
        counted.*,
        coalesce(counted.channel_key, costs.channel_key) as acquisition_channel_key,
        costs.spend,
        costs.cac_spend,
        costs.cac_customers,
        costs.truncated_customers,
        max(counted.mature_90d) over () - counted.mature_90d as other_mature_90d,
        max(counted.repeat_90d) over () - counted.repeat_90d as other_repeat_90d
    from counted
    full join costs on counted.channel_key = costs.channel_key
),

joined as (
    select
        measured.*,
        cycles.gaps,
        cycles.km_median_days,
        cycles.km_median_low_days,
        cycles.km_median_high_days,
        cycles.returned_median_days,
        paybacks.months,
        paybacks.paid_months,
        paybacks.payback_days,
        as_of.as_of_date
    from measured
    inner join {{ ref('dim_as_of') }} as as_of on as_of.metric_family = 'orders'
    left join cycles on measured.acquisition_channel_key = cycles.acquisition_channel_key
    left join paybacks on measured.acquisition_channel_key = paybacks.channel_key
)

select
    acquisition_channel_key,
    case
        when acquisition_channel_key = 'all' then 'all_channels'
        when coalesce(mature_90d, 0) < 30 or other_mature_90d < 30 then 'too_few_customers'
        when
            {{ newcombe_lower('repeat_90d', 'mature_90d', 'other_repeat_90d', 'other_mature_90d') }}
            > 0
            then 'more_come_back'
        when
            {{ newcombe_upper('repeat_90d', 'mature_90d', 'other_repeat_90d', 'other_mature_90d') }}
            < 0
            then 'fewer_come_back'
        else 'no_clear_difference'
    end as quality_note,
    cast(coalesce(new_customers, 0) as bigint) as new_customers,
    cast(coalesce(truncated_customers, 0) as bigint) as truncated_customers,
    cast(coalesce(spend, 0) as decimal(18, 2)) as spend,
    cast(coalesce(cac_spend, 0) as decimal(18, 2)) as cac_spend_amount,
    cast(coalesce(cac_customers, 0) as bigint) as cac_customers,
    case when cac_spend > 0 then {{ ratio('cac_spend', 'cac_customers') }} end as cac_amount,
    cast(coalesce(mature_7d, 0) as bigint) as mature_7d_customers,
    cast(case when mature_7d > 0 then repeat_7d end as bigint) as repeat_7d_customers,
    {{ ratio('repeat_7d', 'mature_7d') }} as repeat_7d_rate,
    {{ to_ratio(wilson_lower('repeat_7d', 'mature_7d')) }} as repeat_7d_low_rate,
    {{ to_ratio(wilson_upper('repeat_7d', 'mature_7d')) }} as repeat_7d_high_rate,
    cast(coalesce(mature_30d, 0) as bigint) as mature_30d_customers,
    cast(case when mature_30d > 0 then repeat_30d end as bigint) as repeat_30d_customers,
    {{ ratio('repeat_30d', 'mature_30d') }} as repeat_30d_rate,
    {{ to_ratio(wilson_lower('repeat_30d', 'mature_30d')) }} as repeat_30d_low_rate,
    {{ to_ratio(wilson_upper('repeat_30d', 'mature_30d')) }} as repeat_30d_high_rate,
    cast(coalesce(mature_90d, 0) as bigint) as mature_90d_customers,
    cast(case when mature_90d > 0 then repeat_90d end as bigint) as repeat_90d_customers,
    {{ ratio('repeat_90d', 'mature_90d') }} as repeat_90d_rate,
    {{ to_ratio(wilson_lower('repeat_90d', 'mature_90d')) }} as repeat_90d_low_rate,
    {{ to_ratio(wilson_upper('repeat_90d', 'mature_90d')) }} as repeat_90d_high_rate,
    gaps,
    km_median_days,
    km_median_low_days,
    km_median_high_days,
    returned_median_days,
    cast(coalesce(mature_365d, 0) as bigint) as mature_365d_customers,
    cast(revenue_30d as decimal(18, 2)) as net_revenue_30d_amount,
    {{ ratio('revenue_30d', 'mature_30d') }} as ltv_30d_amount,
    {{ to_ratio(mean_lower('mature_30d', 'revenue_30d', 'revenue_30d_sq')) }} as ltv_30d_low_amount,
    {{ to_ratio(mean_upper('mature_30d', 'revenue_30d', 'revenue_30d_sq')) }}
        as ltv_30d_high_amount,
    cast(margin_30d as decimal(18, 2)) as margin_30d_amount,
    {{ ratio('margin_30d', 'mature_30d') }} as ltv_margin_30d_amount,
    {{ to_ratio(mean_lower('mature_30d', 'margin_30d', 'margin_30d_sq')) }}
        as ltv_margin_30d_low_amount,
    {{ to_ratio(mean_upper('mature_30d', 'margin_30d', 'margin_30d_sq')) }}
        as ltv_margin_30d_high_amount,
    cast(revenue_90d as decimal(18, 2)) as net_revenue_90d_amount,
    {{ ratio('revenue_90d', 'mature_90d') }} as ltv_90d_amount,
    {{ to_ratio(mean_lower('mature_90d', 'revenue_90d', 'revenue_90d_sq')) }} as ltv_90d_low_amount,
    {{ to_ratio(mean_upper('mature_90d', 'revenue_90d', 'revenue_90d_sq')) }}
        as ltv_90d_high_amount,
    cast(margin_90d as decimal(18, 2)) as margin_90d_amount,
    {{ ratio('margin_90d', 'mature_90d') }} as ltv_margin_90d_amount,
    {{ to_ratio(mean_lower('mature_90d', 'margin_90d', 'margin_90d_sq')) }}
        as ltv_margin_90d_low_amount,
    {{ to_ratio(mean_upper('mature_90d', 'margin_90d', 'margin_90d_sq')) }}
        as ltv_margin_90d_high_amount,
    cast(revenue_365d as decimal(18, 2)) as net_revenue_365d_amount,
    {{ ratio('revenue_365d', 'mature_365d') }} as ltv_365d_amount,
    {{ to_ratio(mean_lower('mature_365d', 'revenue_365d', 'revenue_365d_sq')) }}
        as ltv_365d_low_amount,
    {{ to_ratio(mean_upper('mature_365d', 'revenue_365d', 'revenue_365d_sq')) }}
        as ltv_365d_high_amount,
    cast(margin_365d as decimal(18, 2)) as margin_365d_amount,
    {{ ratio('margin_365d', 'mature_365d') }} as ltv_margin_365d_amount,
    {{ to_ratio(mean_lower('mature_365d', 'margin_365d', 'margin_365d_sq')) }}
        as ltv_margin_365d_low_amount,
    {{ to_ratio(mean_upper('mature_365d', 'margin_365d', 'margin_365d_sq')) }}
        as ltv_margin_365d_high_amount,
    {{ ratio('costed_revenue_90d', 'revenue_90d') }} as cost_coverage_share,
    cast(coalesce(placed_orders, 0) as bigint) as placed_orders,
    cast(coalesce(refunded_orders, 0) as bigint) as refunded_orders,
    {{ ratio('refunded_orders', 'placed_orders') }} as refund_rate,
    {{ to_ratio(wilson_lower('refunded_orders', 'placed_orders')) }} as refund_low_rate,
    {{ to_ratio(wilson_upper('refunded_orders', 'placed_orders')) }} as refund_high_rate,
    cast(coalesce(scored, 0) as bigint) as scored_customers,
    cast(churn as decimal(18, 6)) as churn_probability_total,
    {{ ratio('churn', 'scored') }} as churn_risk,
    {{ to_ratio(mean_lower('scored', 'churn', 'churn_sq')) }} as churn_risk_low,
    {{ to_ratio(mean_upper('scored', 'churn', 'churn_sq')) }} as churn_risk_high,
    cast(coalesce(lapsed, 0) as bigint) as lapsed_customers,
    {{ ratio('lapsed', 'new_customers') }} as lapsed_share,
    {{ to_ratio(wilson_lower('lapsed', 'new_customers')) }} as lapsed_low_share,
    {{ to_ratio(wilson_upper('lapsed', 'new_customers')) }} as lapsed_high_share,
    cast(months as bigint) as spending_months,
    cast(paid_months as bigint) as paid_back_months,
    payback_days,
    cast(coalesce(judged, 0) as bigint) as judged_customers,
    cast(case when judged > 0 then bad end as bigint) as bad_outcome_customers,
    {{ ratio('bad', 'judged') }} as bad_outcome_rate,
    {{ to_ratio(wilson_lower('bad', 'judged')) }} as bad_outcome_low_rate,
    {{ to_ratio(wilson_upper('bad', 'judged')) }} as bad_outcome_high_rate,
    as_of_date
from joined
