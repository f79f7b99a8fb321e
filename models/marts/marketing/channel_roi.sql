-- One row per month and channel: spend, what came back in cash that month, what its new customers
-- brought in at each age, and what platforms claim.
-- Cash follows people: an order counts for the channel that acquired its buyer. Cohort columns are
-- channel_cohorts in one row, null until the whole month is old enough. Ratios are null where
-- nothing was spent.
with users as (
    select * from {{ ref('dim_users') }}
),

as_of as (
    select as_of_date from {{ ref('dim_as_of') }} where metric_family = 'roi'
),

cash as (
    select
        {{ month_start('orders.order_date') }} as month_date,
        users.acquisition_channel_key as channel_key,
        count(*) as order_count,
        sum(orders.net_revenue_amount) as net_revenue_amount,
        sum(orders.margin_amount) as margin_amount,
        {{ costed_revenue(
            'orders.margin_amount', 'orders.net_revenue_amount'
        ) }} as costed_net_revenue_amount
    from {{ ref('fct_orders') }} as orders
    inner join users on orders.user_key = users.user_key
    inner join as_of on orders.order_date <= as_of.as_of_date
    where orders.is_valid
    group by {{ month_start('orders.order_date') }}, users.acquisition_channel_key
),

claims as (
    select
        {{ month_start('ads.date_day') }} as month_date,
        ads.channel_key,
        sum(ads.conversions) as conversions,
        sum(ads.conversions_value) as amount
    from {{ ref('fct_ad_performance') }} as ads
    inner join as_of on ads.date_day <= as_of.as_of_date
    group by {{ month_start('ads.date_day') }}, ads.channel_key
),

cohorts as (
    select
        cohorts.*,
        coalesce(cash.order_count, 0) as order_count,
        coalesce(cash.net_revenue_amount, 0) as cash_net_revenue,
        case when cash.order_count is null then 0 else cash.margin_amount end as cash_margin,
        cash.costed_net_revenue_amount as costed_net_revenue,
        claims.conversions as claimed_conversions,
        claims.amount as claimed
    from {{ ref('channel_cohorts') }} as cohorts
    left join cash
        on
            cohorts.month_date = cash.month_date
            and cohorts.acquisition_channel_key = cash.channel_key
    left join claims
        on
            cohorts.month_date = claims.month_date
            and cohorts.acquisition_channel_key = claims.channel_key
)

select
    {{ key_of(['month_date', 'acquisition_channel_key']) }} as channel_roi_key,
    acquisition_channel_key,
    spend,
    new_customers as cash_new_customers,
    cast(order_count as bigint) as cash_orders,
    cast(cash_net_revenue as decimal(18, 2)) as cash_net_revenue_amount,
    cast(cash_margin as decimal(18, 2)) as cash_margin_amount,
    {{ ratio('coalesce(costed_net_revenue, 0)', 'cash_net_revenue') }} as cash_cost_coverage_share,
    {{ ratio('cash_net_revenue', 'spend') }} as cash_roas,
    {{ ratio('(cash_margin - spend)', 'spend') }} as cash_roi,
    cac_amount as cash_cac_amount,
    truncated_customers,
    {{ at_horizon('mature_customers', 7) }} as cohort_7_customers,
    {{ at_horizon('net_revenue_amount', 7) }} as cohort_7_net_revenue_amount,
    {{ at_horizon('margin_amount', 7) }} as cohort_7_margin_amount,
    {{ at_horizon('cost_coverage_share', 7) }} as cohort_7_cost_coverage_share,
    {{ at_horizon('roas', 7) }} as cohort_7_roas,
    {{ at_horizon('roi', 7) }} as cohort_7_roi,
    {{ at_horizon('mature_customers', 30) }} as cohort_30_customers,
    {{ at_horizon('net_revenue_amount', 30) }} as cohort_30_net_revenue_amount,
    {{ at_horizon('margin_amount', 30) }} as cohort_30_margin_amount,
    {{ at_horizon('cost_coverage_share', 30) }} as cohort_30_cost_coverage_share,
    {{ at_horizon('roas', 30) }} as cohort_30_roas,
    {{ at_horizon('roi', 30) }} as cohort_30_roi,
    {{ at_horizon('mature_customers', 90) }} as cohort_90_customers,
    {{ at_horizon('net_revenue_amount', 90) }} as cohort_90_net_revenue_amount,
    {{ at_horizon('margin_amount', 90) }} as cohort_90_margin_amount,
    {{ at_horizon('cost_coverage_share', 90) }} as cohort_90_cost_coverage_share,
    {{ at_horizon('roas', 90) }} as cohort_90_roas,
    {{ at_horizon('roi', 90) }} as cohort_90_roi,
    {{ at_horizon('mature_customers', 180) }} as cohort_180_customers,
    {{ at_horizon('net_revenue_amount', 180) }} as cohort_180_net_revenue_amount,
    {{ at_horizon('margin_amount', 180) }} as cohort_180_margin_amount,
    {{ at_horizon('cost_coverage_share', 180) }} as cohort_180_cost_coverage_share,
    {{ at_horizon('roas', 180) }} as cohort_180_roas,
    {{ at_horizon('roi', 180) }} as cohort_180_roi,
    {{ at_horizon('mature_customers', 365) }} as cohort_365_customers,
    {{ at_horizon('net_revenue_amount', 365) }} as cohort_365_net_revenue_amount,
    {{ at_horizon('margin_amount', 365) }} as cohort_365_margin_amount,
    {{ at_horizon('cost_coverage_share', 365) }} as cohort_365_cost_coverage_share,
    {{ at_horizon('roas', 365) }} as cohort_365_roas,
    {{ at_horizon('roi', 365) }} as cohort_365_roi,
    cast(claimed_conversions as decimal(18, 4)) as claimed_conversions,
    cast(claimed as decimal(18, 2)) as claimed_amount,
    {{ ratio('claimed', 'spend') }} as claimed_roas,
    {{ is_mature_at(7) }} as is_mature_7,
    {{ is_mature_at(30) }} as is_mature_30,
    {{ is_mature_at(90) }} as is_mature_90,
    {{ is_mature_at(180) }} as is_mature_180,
    {{ is_mature_at(365) }} as is_mature_365,
    month_date
from cohorts
group by
    month_date, acquisition_channel_key, spend, new_customers, order_count, cash_net_revenue,
    cash_margin, costed_net_revenue, cac_amount, truncated_customers, claimed_conversions,
    claimed
