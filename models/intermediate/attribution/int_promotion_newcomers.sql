-- One row per promotion, group of new customers and metric: how many they are and the sums of which
-- rates, means and variances are made.
-- Won in the promotion, or in the ordinary days around it: 30 before and 30 after, in no promotion.
with promotions as (
    select
        {{ key_of(['promotions.promotion_name', 'promotions.from_date']) }} as promotion_key,
        promotions.*
    from {{ ref('promotions') }} as promotions
    inner join {{ ref('int_as_of') }} as as_of
        on as_of.metric_family = 'orders' and promotions.from_date <= as_of.as_of_date
),

customers as (
    select
        promotions.promotion_key,
        outcomes.first_order_date between promotions.from_date and promotions.to_date
            as is_in_promotion,
        outcomes.*
    from promotions
    inner join {{ ref('int_customer_outcomes') }} as outcomes
        on
            outcomes.first_order_date >= {{ add_days('promotions.from_date', -30) }}
            and outcomes.first_order_date <= {{ add_days('promotions.to_date', 30) }}
    where
        outcomes.first_order_date between promotions.from_date and promotions.to_date
        or not exists (
            select 1
            from {{ ref('promotions') }} as others
            where outcomes.first_order_date between others.from_date and others.to_date
        )
),

metrics as (
    select 'repurchase_rate' as metric_name, 7 as horizon_days
    union all select 'repurchase_rate', 30
    union all select 'repurchase_rate', 90
    union all select 'ltv', 30
    union all select 'ltv', 90
    union all select 'ltv', 365
    union all select 'ltv_margin', 30
    union all select 'ltv_margin', 90
    union all select 'refund_rate', 90
),

pairs as (
    select customers.*, metrics.metric_name, metrics.horizon_days
    from customers
    cross join metrics
),

-- What a customer adds to the numerator (y) and to the denominator (n); null before his time.
measured as (
    select
        *,
        case
            when metric_name = 'repurchase_rate'
                then case when second_order_age_days <= horizon_days then 1 else 0 end
            when metric_name = 'refund_rate' then refunded_orders
            when metric_name = 'ltv' and horizon_days = 30 then net_revenue_30d
            when metric_name = 'ltv' and horizon_days = 90 then net_revenue_90d
            when metric_name = 'ltv' and horizon_days = 365 then net_revenue_365d
            when metric_name = 'ltv_margin' and horizon_days = 30 then coalesce(margin_30d, 0)
            when metric_name = 'ltv_margin' and horizon_days = 90 then coalesce(margin_90d, 0)
        end as y,
        case
            when known_days < horizon_days then null
            when metric_name = 'refund_rate' then placed_orders
            else 1
        end as n
    from pairs
),

exact as (
    select
        promotion_key,
        is_in_promotion,
        metric_name,
        horizon_days,
        n,
        case when n is not null then cast(y as decimal(18, 2)) end as y
    from measured
)

select
    {{ key_of(['promotion_key', 'is_in_promotion', 'metric_name', 'horizon_days']) }}
        as promotion_newcomers_key,
    promotion_key,
    is_in_promotion,
    metric_name,
    horizon_days,
    count(*) as people,
    count(n) as measured_people,
    coalesce(sum(n), 0) as n,
    cast(coalesce(sum(y), 0) as decimal(38, 2)) as sum_y,
    cast(coalesce(sum(y * y), 0) as decimal(38, 4)) as sum_yy
from exact
group by promotion_key, is_in_promotion, metric_name, horizon_days
