-- One row per month and acquisition channel: after how many days the month's new customers had paid
-- for what the channel spent.
-- Days count from each customer's first purchase, day 0; only ages that the whole month has reached
-- are looked at. Null while not reached, never 0 unless the first day paid for it, and where some
-- customers may or may not have been new.
with channels as (
    select
        month_date,
        acquisition_channel_key,
        spend,
        new_customers,
        max(cac_amount) as cac_amount,
        max(truncated_customers) as truncated_customers,
        max(case when truncated_customers > 0 then null else spend end) as new_spend
    from {{ ref('channel_cohorts') }}
    where new_customers > 0 or spend > 0
    group by 1, 2, 3, 4
),

as_of as (
    select as_of_date from {{ ref('dim_as_of') }} where metric_family = 'roi'
),

aged as (
    select
        channels.*,
        {{ days_between(
            month_end('channels.month_date'), 'as_of.as_of_date'
        ) }} as observed_days
    from channels
    cross join as_of
),

orders as (
    select
        {{ month_start('users.first_order_date') }} as month_date,
        users.acquisition_channel_key,
        {{ days_between('users.first_order_date', 'orders.order_date') }} as age_days,
        orders.net_revenue_amount,
        orders.margin_amount
    from {{ ref('dim_users') }} as users
    inner join {{ ref('fct_orders') }} as orders on users.user_key = orders.user_key
    where users.first_order_status = 'known' and orders.is_valid
),

ages as (
    select
        month_date,
        acquisition_channel_key,
        age_days,
        sum(net_revenue_amount) as net_revenue_amount,
        sum(margin_amount) as margin_amount,
        {{ costed_revenue('margin_amount', 'net_revenue_amount') }} as costed_net_revenue_amount
    from orders
    group by 1, 2, 3
),

curve as (
    select
        *,
        sum(margin_amount) over (
            partition by month_date, acquisition_channel_key
            order by age_days
            rows between unbounded preceding and current row
        ) as cumulative_margin_amount
    from ages
),

reached as (
    select
        aged.month_date,
        aged.acquisition_channel_key,
        sum(curve.net_revenue_amount) as net_revenue_amount,
        sum(curve.margin_amount) as margin_amount,
        sum(curve.costed_net_revenue_amount) as costed_net_revenue_amount,
        min(
            case
                when aged.spend > 0 and curve.cumulative_margin_amount >= aged.new_spend
                    then curve.age_days
            end
        ) as payback_days
    from aged
    inner join curve
        on
            aged.month_date = curve.month_date
            and aged.acquisition_channel_key = curve.acquisition_channel_key
            and aged.observed_days >= curve.age_days
    group by 1, 2
)

select
    {{ key_of(['aged.month_date', 'aged.acquisition_channel_key']) }} as channel_payback_key,
    aged.acquisition_channel_key,
    aged.spend,
    aged.new_customers,
    aged.cac_amount,
    case when aged.observed_days >= 0 then aged.observed_days end as observed_days,
    cast(reached.net_revenue_amount as decimal(18, 2)) as net_revenue_amount,
    cast(reached.margin_amount as decimal(18, 2)) as margin_amount,
    {{ ratio(
        'coalesce(reached.costed_net_revenue_amount, 0)', 'reached.net_revenue_amount'
    ) }} as cost_coverage_share,
    {{ ratio('reached.margin_amount', 'aged.new_spend') }} as payback_ratio,
    reached.payback_days,
    aged.truncated_customers,
    reached.payback_days is not null as is_paid_back,
    aged.month_date
from aged
left join reached
    on
        aged.month_date = reached.month_date
        and aged.acquisition_channel_key = reached.acquisition_channel_key
