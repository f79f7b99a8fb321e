-- One row per promotion and person who was a customer long before it: purchases in it, in the 30
-- days after it, and in the 90 days before it.
-- Customers since more than 90 days before, so that all of those days are theirs, bought in or not.
-- Only promotions whose 30 days after have passed.
with promotions as (
    select
        {{ key_of(['promotions.promotion_name', 'promotions.from_date']) }} as promotion_key,
        promotions.from_date,
        promotions.to_date
    from {{ ref('promotions') }} as promotions
    inner join {{ ref('int_as_of') }} as as_of
        on
            as_of.metric_family = 'orders'
            and {{ add_days('promotions.to_date', 30) }} <= as_of.as_of_date
),

regulars as (
    select
        promotions.*,
        {{ days_between('promotions.from_date', 'promotions.to_date') }} + 1 as promotion_days,
        people.user_key
    from promotions
    inner join {{ ref('int_people') }} as people
        on people.first_order_date < {{ add_days('promotions.from_date', -90) }}
),

purchases as (
    select * from {{ ref('int_purchases') }}
),

bought as (
    select
        regulars.promotion_key,
        regulars.user_key,
        regulars.promotion_days,
        case
            when purchases.purchase_date < regulars.from_date then 'before'
            when purchases.purchase_date <= regulars.to_date then 'during'
            else 'after'
        end as period,
        case when purchases.purchase_key is not null then 1 else 0 end as is_purchase,
        coalesce(purchases.net_revenue_amount, 0) as revenue
    from regulars
    left join purchases
        on
            regulars.user_key = purchases.user_key
            and purchases.purchase_date >= {{ add_days('regulars.from_date', -90) }}
            and purchases.purchase_date <= {{ add_days('regulars.to_date', 30) }}
)

select
    {{ key_of(['promotion_key', 'user_key']) }} as promotion_regular_key,
    promotion_key,
    user_key,
    promotion_days,
    sum(case when period = 'before' then is_purchase else 0 end) as purchases_before,
    sum(case when period = 'during' then is_purchase else 0 end) as purchases_during,
    sum(case when period = 'after' then is_purchase else 0 end) as purchases_after,
    cast(sum(case when period = 'before' then revenue else 0 end) as decimal(18, 2))
        as revenue_before,
    cast(sum(case when period = 'during' then revenue else 0 end) as decimal(18, 2))
        as revenue_during,
    cast(sum(case when period = 'after' then revenue else 0 end) as decimal(18, 2))
        as revenue_after
from bought
group by promotion_key, user_key, promotion_days
