-- One row per identified person as they are now: what a condition in seeds/audiences.csv may ask.
-- Purchases are those up to the as-of day. What a person never did has no days since then.
with users as (
    select * from {{ ref('dim_users') }} where is_identified
),

reachability as (
    select * from {{ ref('user_reachability') }}
),

as_of as (
    select
        max(case when metric_family = 'orders' then as_of_date end) as orders_date,
        max(case when metric_family = 'activity' then as_of_date end) as activity_date
    from {{ ref('dim_as_of') }}
),

stages as (
    select * from {{ ref('user_lifecycle') }} where is_current
),

bought as (
    select * from {{ ref('user_lifetime_value') }}
),

scores as (
    select * from {{ ref('user_scores') }}
)

select
    users.user_key,
    users.acquisition_channel_key,
    users.region_code,
    users.birth_decade,
    users.first_order_status,
    coalesce(stages.lifecycle_stage, 'prospect') as lifecycle_stage,
    coalesce(bought.purchase_count, 0) as purchase_count,
    cast(coalesce(bought.net_revenue_amount, 0) as decimal(18, 2)) as net_revenue_amount,
    bought.margin_amount,
    {{ days_between('bought.last_order_date', 'as_of.orders_date') }} as days_since_last_purchase,
    case
        when users.last_seen_date > as_of.activity_date then 0
        else {{ days_between('users.last_seen_date', 'as_of.activity_date') }}
    end as days_since_last_seen,
    scores.expected_orders_90,
    scores.expected_revenue_90_amount,
    scores.p_alive,
    scores.churn_probability,
    scores.purchase_propensity,
    users.is_member,
    reachability.has_phone,
    reachability.has_email,
    users.registered_date,
    bought.first_order_date,
    bought.last_order_date,
    as_of.orders_date as as_of_date
from users
inner join reachability on users.user_key = reachability.user_key
cross join as_of
left join stages on users.user_key = stages.user_key
left join bought on users.user_key = bought.user_key
left join scores on users.user_key = scores.user_key
