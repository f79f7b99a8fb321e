-- One row per month, acquisition channel and horizon in days: what the month's new customers cost
-- and what they brought in within the horizon.
-- Values are null until the horizon of the whole month has passed; a channel that spent and won
-- nobody has 0 customers and lost all of it. What was spent on customers who may or may not have
-- been new compares with nothing, so ratios to it are null.
with users as (
    select * from {{ ref('dim_users') }}
),

as_of as (
    select as_of_date from {{ ref('dim_as_of') }} where metric_family = 'roi'
),

ads as (
    select
        {{ month_start('ads.date_day') }} as month_date,
        ads.channel_key,
        sum(ads.spend) as spend
    from {{ ref('fct_ad_performance') }} as ads
    inner join as_of on ads.date_day <= as_of.as_of_date
    group by 1, 2
),

orders as (
    select distinct
        {{ month_start('orders.order_date') }} as month_date,
        users.acquisition_channel_key as channel_key
    from {{ ref('fct_orders') }} as orders
    inner join users on orders.user_key = users.user_key
    inner join as_of on orders.order_date <= as_of.as_of_date
    where orders.is_valid
),

customers as (
    select
        customer_values.cohort_month as month_date,
        users.acquisition_channel_key as channel_key,
        customer_values.horizon_days,
        customer_values.first_order_status = 'known' as is_new,
        count(*) as customers,
        sum(customer_values.net_revenue_amount) as net_revenue_amount,
        sum(customer_values.margin_amount) as margin_amount,
        sum(customer_values.costed_net_revenue_amount) as costed_net_revenue_amount
    from {{ ref('int_cohort_values') }} as customer_values
    inner join users on customer_values.user_key = users.user_key
    inner join as_of on customer_values.first_order_date <= as_of.as_of_date
    group by 1, 2, 3, 4
),

pairs as (
    select month_date, channel_key from ads
    union
    select month_date, channel_key from orders
),

aged as (
    select
        pairs.month_date,
        pairs.channel_key,
        horizons.horizon_days,
        {{ add_days(
            month_end('pairs.month_date'), 'horizons.horizon_days'
        ) }} <= as_of.as_of_date as is_mature
    from pairs
    cross join {{ ref('horizons') }} as horizons
    cross join as_of
),

joined as (
    select
        aged.*,
        coalesce(ads.spend, 0) as spend,
        coalesce(customers.customers, 0) as new_customers,
        coalesce(truncated.customers, 0) as truncated_customers,
        case when truncated.customers is null then coalesce(ads.spend, 0) end as new_spend,
        case when aged.is_mature then coalesce(customers.net_revenue_amount, 0) end as net_revenue,
        case
            when not aged.is_mature then null
            when customers.customers is null then 0
            else customers.margin_amount
        end as margin,
        case
            when aged.is_mature then coalesce(customers.costed_net_revenue_amount, 0)
        end as costed_net_revenue
    from aged
    left join ads on aged.month_date = ads.month_date and aged.channel_key = ads.channel_key
    left join customers
        on
            aged.month_date = customers.month_date
            and aged.channel_key = customers.channel_key
            and aged.horizon_days = customers.horizon_days
            and customers.is_new
    left join customers as truncated
        on
            aged.month_date = truncated.month_date
            and aged.channel_key = truncated.channel_key
            and aged.horizon_days = truncated.horizon_days
            and not truncated.is_new
)

select
    {{ key_of(['month_date', 'channel_key', 'horizon_days']) }} as channel_cohort_key,
    channel_key as acquisition_channel_key,
    cast(horizon_days as bigint) as horizon_days,
    cast(spend as decimal(18, 2)) as spend,
    cast(new_customers as bigint) as new_customers,
    case when spend > 0 then {{ ratio('new_spend', 'new_customers') }} end as cac_amount,
    cast(case when is_mature then new_customers end as bigint) as mature_customers,
    cast(net_revenue as decimal(18, 2)) as net_revenue_amount,
    cast(margin as decimal(18, 2)) as margin_amount,
    {{ ratio('costed_net_revenue', 'net_revenue') }} as cost_coverage_share,
    {{ ratio('net_revenue', 'new_customers') }} as ltv_amount,
    {{ ratio('margin', 'new_customers') }} as ltv_margin_amount,
    case when new_customers > 0 then {{ ratio('margin', 'new_spend') }} end as ltv_cac_ratio,
    {{ ratio('net_revenue', 'new_spend') }} as roas,
    {{ ratio('(margin - spend)', 'new_spend') }} as roi,
    cast(truncated_customers as bigint) as truncated_customers,
    coalesce(is_mature, false) as is_mature,
    month_date
from joined
