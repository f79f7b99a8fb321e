-- One row per month and channel: spend, what came back in cash that month, what platforms claim.
-- Cash follows people: an order counts for the channel that acquired its buyer. Cohort columns are
-- null until cohorts are followed. Ratios are null where nothing was spent.
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
        count(*) as cash_orders,
        sum(orders.net_revenue_amount) as cash_net_revenue_amount,
        sum(orders.margin_amount) as cash_margin_amount,
        sum(
            case when orders.margin_amount is not null then orders.net_revenue_amount end
        ) as costed_net_revenue_amount
    from {{ ref('fct_orders') }} as orders
    inner join users on orders.user_key = users.user_key
    inner join as_of on orders.order_date <= as_of.as_of_date
    where orders.is_valid
    group by 1, 2
),

acquired as (
    select
        {{ month_start('users.first_order_date') }} as month_date,
        users.acquisition_channel_key as channel_key,
        count(case when users.first_order_status = 'known' then 1 end) as cash_new_customers
    from users
    inner join as_of on users.first_order_date <= as_of.as_of_date
    group by 1, 2
),

ads as (
    select
        {{ month_start('ads.date_day') }} as month_date,
        ads.channel_key,
        sum(ads.spend) as spend,
        sum(ads.conversions) as claimed_conversions,
        sum(ads.conversions_value) as claimed_amount
    from {{ ref('fct_ad_performance') }} as ads
    inner join as_of on ads.date_day <= as_of.as_of_date
    group by 1, 2
),

pairs as (
    select month_date, channel_key from cash
    union
    select month_date, channel_key from acquired
    union
    select month_date, channel_key from ads
),

joined as (
    select
        pairs.month_date,
        pairs.channel_key,
        coalesce(ads.spend, 0) as spend,
        coalesce(acquired.cash_new_customers, 0) as cash_new_customers,
        coalesce(cash.cash_orders, 0) as cash_orders,
        coalesce(cash.cash_net_revenue_amount, 0) as cash_net_revenue_amount,
        case
            when cash.cash_orders is null then 0 else cash.cash_margin_amount
        end as cash_margin_amount,
        coalesce(cash.costed_net_revenue_amount, 0) as costed_net_revenue_amount,
        ads.claimed_conversions,
        ads.claimed_amount
    from pairs
    left join cash on pairs.month_date = cash.month_date and pairs.channel_key = cash.channel_key
    left join acquired
        on
            pairs.month_date = acquired.month_date
            and pairs.channel_key = acquired.channel_key
    left join ads on pairs.month_date = ads.month_date and pairs.channel_key = ads.channel_key
)

select
    {{ key_of(['month_date', 'channel_key']) }} as channel_roi_key,
    channel_key as acquisition_channel_key,
    cast(spend as decimal(18, 2)) as spend,
    cast(cash_new_customers as bigint) as cash_new_customers,
    cast(cash_orders as bigint) as cash_orders,
    cast(cash_net_revenue_amount as decimal(18, 2)) as cash_net_revenue_amount,
    cast(cash_margin_amount as decimal(18, 2)) as cash_margin_amount,
    {{ ratio('costed_net_revenue_amount', 'cash_net_revenue_amount') }} as cash_cost_coverage_share,
    {{ ratio('cash_net_revenue_amount', 'spend') }} as cash_roas,
    {{ ratio('(cash_margin_amount - spend)', 'spend') }} as cash_roi,
    case when spend > 0 then {{ ratio('spend', 'cash_new_customers') }} end as cash_cac_amount,
    cast(null as bigint) as cohort_7_customers,
    cast(null as decimal(18, 2)) as cohort_7_net_revenue_amount,
    cast(null as decimal(18, 2)) as cohort_7_margin_amount,
    cast(null as decimal(18, 6)) as cohort_7_roas,
    cast(null as decimal(18, 6)) as cohort_7_roi,
    cast(null as bigint) as cohort_30_customers,
    cast(null as decimal(18, 2)) as cohort_30_net_revenue_amount,
    cast(null as decimal(18, 2)) as cohort_30_margin_amount,
    cast(null as decimal(18, 6)) as cohort_30_roas,
    cast(null as decimal(18, 6)) as cohort_30_roi,
    cast(null as bigint) as cohort_90_customers,
    cast(null as decimal(18, 2)) as cohort_90_net_revenue_amount,
    cast(null as decimal(18, 2)) as cohort_90_margin_amount,
    cast(null as decimal(18, 6)) as cohort_90_roas,
    cast(null as decimal(18, 6)) as cohort_90_roi,
    cast(null as bigint) as cohort_180_customers,
    cast(null as decimal(18, 2)) as cohort_180_net_revenue_amount,
    cast(null as decimal(18, 2)) as cohort_180_margin_amount,
    cast(null as decimal(18, 6)) as cohort_180_roas,
    cast(null as decimal(18, 6)) as cohort_180_roi,
    cast(null as bigint) as cohort_365_customers,
    cast(null as decimal(18, 2)) as cohort_365_net_revenue_amount,
    cast(null as decimal(18, 2)) as cohort_365_margin_amount,
    cast(null as decimal(18, 6)) as cohort_365_roas,
    cast(null as decimal(18, 6)) as cohort_365_roi,
    cast(claimed_conversions as decimal(18, 4)) as claimed_conversions,
    cast(claimed_amount as decimal(18, 2)) as claimed_amount,
    {{ ratio('claimed_amount', 'spend') }} as claimed_roas,
    false as is_mature_7,
    false as is_mature_30,
    false as is_mature_90,
    false as is_mature_180,
    false as is_mature_365,
    month_date
from joined
