-- What each attribution model credits is, to the cent, what the day's valid orders brought.
with orders as (
    select
        user_key,
        order_date,
        sum(net_revenue_amount) as net_revenue_amount,
        case when count(margin_amount) = count(*) then sum(margin_amount) end as margin_amount
    from {{ ref('fct_orders') }}
    where is_valid and user_key <> 'unknown'
    group by user_key, order_date
),

models as (
    select * from {{ ref('attribution_models') }} where is_for_repeat_orders
),

credits as (
    select
        user_key,
        conversion_date,
        attribution_model,
        sum(net_revenue_amount) as net_revenue_amount,
        sum(margin_amount) as margin_amount,
        count(*) - count(margin_amount) as unknown_count,
        count(*) as credit_count
    from {{ ref('fct_attribution') }}
    where conversion_type <> 'registration'
    group by user_key, conversion_date, attribution_model
),

expected as (
    select orders.*, models.attribution_model
    from orders
    cross join models
)

select
    expected.user_key,
    expected.order_date,
    expected.attribution_model,
    expected.net_revenue_amount,
    credits.net_revenue_amount as credited_amount
from expected
left join credits
    on
        expected.user_key = credits.user_key
        and expected.order_date = credits.conversion_date
        and expected.attribution_model = credits.attribution_model
where
    credits.user_key is null
    or expected.net_revenue_amount <> credits.net_revenue_amount
    or coalesce(expected.margin_amount, 0) <> coalesce(credits.margin_amount, 0)
    or credits.unknown_count
    <> case when expected.margin_amount is null then credits.credit_count else 0 end
union all
-- All models credit what they share alike, and registrations nothing.
select 'all', null, attribution_model, sum(net_revenue_amount), null
from {{ ref('fct_attribution') }}
where conversion_type = 'registration'
group by attribution_model
having sum(net_revenue_amount) <> 0 or sum(margin_amount) <> 0
union all
select 'first orders', null, attribution_model, sum(net_revenue_amount), null
from {{ ref('fct_attribution') }}
where conversion_type = 'first_order'
group by attribution_model
having
    sum(net_revenue_amount) <> (
        select sum(conversions.net_revenue_amount) from {{ ref('int_conversions') }} as conversions
        where conversions.conversion_type = 'first_order'
    )
