-- One row per month, channel, campaign and attribution model: conversions and money credited.
-- Months are those of the conversion, up to the as-of day. A model that credits no repeat orders
-- has null for them, and its money is that of first orders alone: is_for_repeat_orders says so.
-- `headline` is what reports show: the headline model of each month and type of conversion.
with models as (
    select attribution_model, is_for_repeat_orders from {{ ref('attribution_models') }}
    union all
    select 'headline', true
),

attribution as (
    select attribution.*, models.attribution_model as shown_model, models.is_for_repeat_orders
    from {{ ref('fct_attribution') }} as attribution
    inner join models
        on
            attribution.attribution_model = models.attribution_model
            or (attribution.is_headline and models.attribution_model = 'headline')
),

users as (
    select * from {{ ref('dim_users') }}
),

as_of as (
    select as_of_date from {{ ref('dim_as_of') }} where metric_family = 'roi'
),

credits as (
    select
        {{ month_start('attribution.conversion_date') }} as month_date,
        attribution.channel_key,
        attribution.campaign_key,
        attribution.shown_model as attribution_model,
        attribution.is_for_repeat_orders,
        attribution.credit_share,
        attribution.conversion_type = 'registration' as is_registration,
        attribution.conversion_type = 'first_order' as is_first,
        attribution.conversion_type = 'first_order'
        and coalesce(users.first_order_status = 'known', false) as is_new,
        attribution.conversion_type = 'repeat_order' as is_repeat,
        case
            when attribution.conversion_type <> 'registration' then attribution.net_revenue_amount
        end as net_revenue,
        case
            when attribution.conversion_type <> 'registration' then attribution.margin_amount
        end as margin
    from attribution
    inner join as_of on attribution.conversion_date <= as_of.as_of_date
    left join users on attribution.user_key = users.user_key
),

summed as (
    select
        month_date,
        channel_key,
        campaign_key,
        attribution_model,
        is_for_repeat_orders,
        coalesce(sum(case when is_registration then credit_share end), 0) as registrations,
        coalesce(sum(case when is_new then credit_share end), 0) as new_customers,
        coalesce(sum(case when is_first then credit_share end), 0) as first_orders,
        coalesce(sum(case when is_repeat then credit_share end), 0) as repeat_orders,
        coalesce(sum(case when is_first then net_revenue end), 0) as first_net_revenue,
        coalesce(sum(net_revenue), 0) as net_revenue,
        sum(margin) as margin,
        coalesce({{ costed_revenue('margin', 'net_revenue') }}, 0) as costed_net_revenue
    from credits
    group by 1, 2, 3, 4, 5
)

select
    {{ key_of([
        'summed.month_date', 'summed.channel_key', 'summed.campaign_key', 'summed.attribution_model'
    ]) }} as campaign_credit_key,
    summed.channel_key,
    summed.campaign_key,
    summed.attribution_model,
    cast(summed.registrations as decimal(18, 9)) as credited_registrations,
    cast(summed.new_customers as decimal(18, 9)) as credited_new_customers,
    cast(summed.first_orders as decimal(18, 9)) as credited_first_orders,
    cast(
        case when summed.is_for_repeat_orders then summed.repeat_orders end as decimal(18, 9)
    ) as credited_repeat_orders,
    cast(summed.first_orders + summed.repeat_orders as decimal(18, 9)) as credited_orders,
    cast(summed.first_net_revenue as decimal(18, 2)) as first_order_net_revenue_amount,
    cast(summed.net_revenue as decimal(18, 2)) as net_revenue_amount,
    cast(
        case when summed.first_orders + summed.repeat_orders = 0 then 0 else summed.margin end
        as decimal(18, 2)
    ) as margin_amount,
    cast(summed.costed_net_revenue as decimal(18, 2)) as costed_net_revenue_amount,
    summed.is_for_repeat_orders,
    summed.month_date
from summed
