-- Under every model the credited money of a month is that of its purchases, to the cent, and
-- credited purchases and registrations are as many as there were; first purchases alone where a
-- model credits no others. Models that share nothing yet are not asked.
with models as (
    select attribution_model, is_for_repeat_orders
    from {{ ref('attribution_models') }}
    where
        attribution_model in (
            select facts.attribution_model from {{ ref('fct_attribution') }} as facts
        )
    union all
    select 'headline', true
),

purchases as (
    select
        models.attribution_model,
        {{ month_start('purchases.purchase_date') }} as month_date,
        count(*) as orders,
        sum(purchases.net_revenue_amount) as net_revenue_amount,
        sum(purchases.margin_amount) as margin_amount
    from models
    cross join {{ ref('int_purchases') }} as purchases
    inner join {{ ref('dim_as_of') }} as as_of
        on as_of.metric_family = 'roi' and purchases.purchase_date <= as_of.as_of_date
    where models.is_for_repeat_orders or purchases.purchase_number = 1
    group by 1, 2
),

registrations as (
    select
        models.attribution_model,
        {{ month_start('conversions.conversion_date') }} as month_date,
        count(*) as registrations
    from models
    cross join {{ ref('int_conversions') }} as conversions
    inner join {{ ref('dim_as_of') }} as as_of
        on as_of.metric_family = 'roi' and conversions.conversion_date <= as_of.as_of_date
    where conversions.conversion_type = 'registration'
    group by 1, 2
),

credits as (
    select
        'campaign_credits' as mart,
        attribution_model,
        month_date,
        sum(credited_registrations) as registrations,
        sum(credited_orders) as orders,
        sum(net_revenue_amount) as net_revenue_amount,
        sum(margin_amount) as margin_amount
    from {{ ref('campaign_credits') }}
    group by 1, 2, 3
    union all
    select
        'channel_roi_by_model',
        attribution_model,
        month_date,
        sum(credited_registrations),
        sum(credited_orders),
        sum(net_revenue_amount),
        sum(margin_amount)
    from {{ ref('channel_roi_by_model') }}
    group by 1, 2, 3
    union all
    select
        'campaign_performance',
        'headline',
        performance.month_date,
        sum(performance.credited_registrations),
        sum(performance.credited_orders),
        sum(performance.net_revenue_amount),
        sum(performance.margin_amount)
    from {{ ref('campaign_performance') }} as performance
    group by 1, 2, 3
)

select
    credits.mart,
    coalesce(credits.attribution_model, purchases.attribution_model) as attribution_model,
    coalesce(credits.month_date, purchases.month_date) as month_date,
    credits.registrations,
    registrations.registrations as plain_registrations,
    credits.orders,
    purchases.orders as plain_orders,
    credits.net_revenue_amount,
    purchases.net_revenue_amount as plain_net_revenue_amount,
    credits.margin_amount,
    purchases.margin_amount as plain_margin_amount
from purchases
full outer join credits
    on
        purchases.attribution_model = credits.attribution_model
        and purchases.month_date = credits.month_date
left join registrations
    on
        credits.attribution_model = registrations.attribution_model
        and credits.month_date = registrations.month_date
where
    credits.registrations <> coalesce(registrations.registrations, 0)
    or coalesce(credits.orders, 0) <> coalesce(purchases.orders, 0)
    or coalesce(credits.net_revenue_amount, 0) <> coalesce(purchases.net_revenue_amount, 0)
    or coalesce(credits.margin_amount, 0) <> coalesce(purchases.margin_amount, 0)
