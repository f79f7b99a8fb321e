-- One row per month, channel and attribution model: spend beside what the model credits.
-- Every channel that spent is here under every model, also where nothing is credited to it. Ratios
-- over all orders are null for models that credit no repeat orders: a part is never compared with a
-- whole. First orders compare under all of them. `headline` is what reports show.
with models as (
    select attribution_model, is_for_repeat_orders from {{ ref('attribution_models') }}
    union all
    select 'headline', true
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

credits as (
    select
        month_date,
        channel_key,
        attribution_model,
        sum(credited_registrations) as registrations,
        sum(credited_new_customers) as new_customers,
        sum(credited_first_orders) as first_orders,
        sum(credited_orders) as orders,
        sum(first_order_net_revenue_amount) as first_net_revenue,
        sum(net_revenue_amount) as net_revenue,
        sum(case when credited_orders <> 0 then margin_amount end) as margin,
        sum(costed_net_revenue_amount) as costed_net_revenue
    from {{ ref('campaign_credits') }}
    group by 1, 2, 3
),

wanted as (
    select ads.month_date, ads.channel_key, models.attribution_model
    from ads
    cross join models
    union
    select month_date, channel_key, attribution_model from credits
),

joined as (
    select
        wanted.month_date,
        wanted.channel_key,
        models.attribution_model,
        models.is_for_repeat_orders,
        coalesce(ads.spend, 0) as spend,
        coalesce(credits.registrations, 0) as registrations,
        coalesce(credits.new_customers, 0) as new_customers,
        coalesce(credits.first_orders, 0) as first_orders,
        coalesce(credits.orders, 0) as orders,
        coalesce(credits.first_net_revenue, 0) as first_net_revenue,
        coalesce(credits.net_revenue, 0) as net_revenue,
        case when coalesce(credits.orders, 0) = 0 then 0 else credits.margin end as margin,
        coalesce(credits.costed_net_revenue, 0) as costed_net_revenue
    from wanted
    inner join models on wanted.attribution_model = models.attribution_model
    left join ads on wanted.month_date = ads.month_date and wanted.channel_key = ads.channel_key
    left join credits
        on
            wanted.month_date = credits.month_date
            and wanted.channel_key = credits.channel_key
            and wanted.attribution_model = credits.attribution_model
)

select
    {{ key_of(['month_date', 'channel_key', 'attribution_model']) }} as channel_roi_by_model_key,
    channel_key,
    attribution_model,
    cast(spend as decimal(18, 2)) as spend,
    cast(registrations as decimal(18, 9)) as credited_registrations,
    cast(new_customers as decimal(18, 9)) as credited_new_customers,
    cast(first_orders as decimal(18, 9)) as credited_first_orders,
    cast(orders as decimal(18, 9)) as credited_orders,
    case
        when spend > 0 and first_orders <= new_customers
            then {{ ratio('spend', 'new_customers') }}
    end as cac_amount,
    cast(first_net_revenue as decimal(18, 2)) as first_order_net_revenue_amount,
    {{ ratio('first_net_revenue', 'spend') }} as first_order_roas,
    cast(net_revenue as decimal(18, 2)) as net_revenue_amount,
    cast(margin as decimal(18, 2)) as margin_amount,
    {{ ratio('costed_net_revenue', 'net_revenue') }} as cost_coverage_share,
    case when is_for_repeat_orders then {{ ratio('net_revenue', 'spend') }} end as roas,
    case when is_for_repeat_orders then {{ ratio('(margin - spend)', 'spend') }} end as roi,
    is_for_repeat_orders,
    month_date
from joined
