-- One row per month, channel, attribution model and horizon of 90 or 365 days: what the month's
-- new customers brought in within it, shared as each model credits their first purchase.
-- Parts of a customer's value add up to it to the cent. Every channel that spent is here under
-- every model; values are null until the horizon of the whole month has passed.
with as_of as (
    select as_of_date from {{ ref('dim_as_of') }} where metric_family = 'roi'
),

spends as (
    select
        month_date, channel_key, attribution_model, spend,
        case when credited_first_orders <= credited_new_customers then spend end as new_spend
    from {{ ref('channel_roi_by_model') }}
),

models as (
    select distinct attribution_model from spends
),

shares as (
    select
        models.attribution_model,
        attribution.channel_key,
        attribution.user_key,
        attribution.credit_share,
        sum(attribution.credit_share) over (
            partition by models.attribution_model, attribution.conversion_key
            order by attribution.channel_key, attribution.campaign_key
            rows between unbounded preceding and current row
        ) as share_until
    from {{ ref('fct_attribution') }} as attribution
    inner join as_of on attribution.conversion_date <= as_of.as_of_date
    inner join models
        on
            attribution.attribution_model = models.attribution_model
            or (attribution.is_headline and models.attribution_model = 'headline')
    where attribution.conversion_type = 'first_order'
),

summed as (
    select
        customers.cohort_month as month_date,
        shares.channel_key,
        shares.attribution_model,
        customers.horizon_days,
        sum(shares.credit_share) as new_customers,
        sum({{ amount_between(
            'customers.net_revenue_amount', '(share_until - credit_share)', 'share_until'
        ) }}) as net_revenue,
        sum({{ amount_between(
            'customers.margin_amount', '(share_until - credit_share)', 'share_until'
        ) }}) as margin,
        sum({{ amount_between(
            'customers.costed_net_revenue_amount', '(share_until - credit_share)', 'share_until'
        ) }}) as costed_net_revenue
    from shares
    inner join {{ ref('int_cohort_values') }} as customers on shares.user_key = customers.user_key
    where customers.first_order_status = 'known'
    group by 1, 2, 3, 4
),

joined as (
    select
        spends.*,
        horizons.horizon_days,
        coalesce(summed.new_customers, 0) as new_customers,
        coalesce({{ add_days(
            month_end('spends.month_date'), 'horizons.horizon_days'
        ) }} <= as_of.as_of_date, false) as is_mature,
        coalesce(summed.net_revenue, 0) as net_revenue,
        case when summed.month_date is null then 0 else summed.margin end as margin,
        coalesce(summed.costed_net_revenue, 0) as costed_net_revenue
    from spends
    cross join {{ ref('horizons') }} as horizons
    cross join as_of
    left join summed
        on
            spends.month_date = summed.month_date
            and spends.channel_key = summed.channel_key
            and spends.attribution_model = summed.attribution_model
            and horizons.horizon_days = summed.horizon_days
    where horizons.horizon_days in (90, 365)
),

valued as (
    select
        *,
        case when is_mature then net_revenue end as known_revenue,
        case when is_mature then margin end as known_margin,
        case when is_mature then costed_net_revenue end as known_costed
    from joined
)

select
    {{ key_of([
        'month_date', 'channel_key', 'attribution_model', 'horizon_days'
    ]) }} as channel_cohort_by_model_key,
    channel_key,
    attribution_model,
    cast(horizon_days as bigint) as horizon_days,
    spend,
    cast(new_customers as decimal(18, 9)) as credited_new_customers,
    cast(known_revenue as decimal(18, 2)) as net_revenue_amount,
    cast(known_margin as decimal(18, 2)) as margin_amount,
    {{ ratio('known_costed', 'known_revenue') }} as cost_coverage_share,
    case when new_customers > 0 then {{ ratio('known_margin', 'new_spend') }} end as ltv_cac_ratio,
    {{ ratio('known_revenue', 'new_spend') }} as roas,
    {{ ratio('(known_margin - spend)', 'new_spend') }} as roi,
    is_mature,
    month_date
from valued
