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

-- What a customer adds to the numerator (y) and to the denominator (n); null before his time.
measured as (
    select promotion_key, is_in_promotion, 'repurchase_rate' as metric_name, 7 as horizon_days,
        case when second_order_age_days <= 7 then 1 else 0 end as y,
        case when known_days >= 7 then 1 end as n
    from customers
    union all
    select promotion_key, is_in_promotion, 'repurchase_rate', 30,
        case when second_order_age_days <= 30 then 1 else 0 end,
        case when known_days >= 30 then 1 end
    from customers
    union all
    select promotion_key, is_in_promotion, 'repurchase_rate', 90,
        case when second_order_age_days <= 90 then 1 else 0 end,
        case when known_days >= 90 then 1 end
    from customers
    union all
    select promotion_key, is_in_promotion, 'ltv', 30, net_revenue_30d,
        case when known_days >= 30 then 1 end
    from customers
    union all
    select promotion_key, is_in_promotion, 'ltv', 90, net_revenue_90d,
        case when known_days >= 90 then 1 end
    from customers
    union all
    select promotion_key, is_in_promotion, 'ltv', 365, net_revenue_365d,
        case when known_days >= 365 then 1 end
    from customers
    union all
    select promotion_key, is_in_promotion, 'ltv_margin', 30, coalesce(margin_30d, 0),
        case when known_days >= 30 then 1 end
    from customers
    union all
    select promotion_key, is_in_promotion, 'ltv_margin', 90, coalesce(margin_90d, 0),
        case when known_days >= 90 then 1 end
    from customers
    union all
    select promotion_key, is_in_promotion, 'refund_rate', 90, refunded_orders,
        case when known_days >= 90 then placed_orders end
    from customers
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
    coalesce(sum(y), 0) as sum_y,
    coalesce(sum(y * y), 0) as sum_yy
from exact
group by promotion_key, is_in_promotion, metric_name, horizon_days
