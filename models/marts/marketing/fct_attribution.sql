-- One row per conversion, channel, campaign and attribution model with its share of the credit.
-- Shares and money are rounded on their running sums, in the order in which a channel and campaign
-- first touched the journey, so that they add up to the whole exactly.
with conversions as (
    select * from {{ ref('int_conversions') }}
),

weights as (
    select * from {{ ref('int_journey_weights') }}
),

models as (
    select * from {{ ref('attribution_models') }}
),

weighed as (
    select
        weights.conversion_key,
        weights.channel_key,
        weights.campaign_key,
        weights.touch_count,
        weights.first_touch_no,
        models.attribution_model,
        models.is_for_repeat_orders,
        {{ model_weight('models.attribution_model') }} as weight
    from weights
    cross join models
),

summed as (
    select
        *,
        sum(weight) over (
            partition by conversion_key, attribution_model order by first_touch_no
            rows between unbounded preceding and current row
        ) as weight_until,
        sum(weight) over (partition by conversion_key, attribution_model) as weight_sum
    from weighed
    where weight > 0
),

shared as (
    select
        summed.*,
        conversions.user_key,
        conversions.conversion_type,
        conversions.net_revenue_amount,
        conversions.margin_amount,
        headlines.attribution_model is not null as is_headline,
        conversions.conversion_date,
        {{ share_of('summed.weight_until', 'summed.weight_sum') }} as share_until,
        {{ share_of('(summed.weight_until - summed.weight)', 'summed.weight_sum') }} as share_before
    from summed
    inner join conversions on summed.conversion_key = conversions.conversion_key
    left join {{ ref('int_headlines') }} as headlines
        on
            conversions.conversion_type = headlines.conversion_type
            and {{ month_start('conversions.conversion_date') }} = headlines.month_date
            and summed.attribution_model = headlines.attribution_model
    where conversions.conversion_type <> 'repeat_order' or summed.is_for_repeat_orders
)

select
    {{ key_of(
        ['conversion_key', 'channel_key', 'campaign_key', 'attribution_model']
    ) }} as attribution_key,
    conversion_key,
    user_key,
    channel_key,
    campaign_key,
    conversion_type,
    attribution_model,
    touch_count,
    cast(share_until - share_before as decimal(18, 9)) as credit_share,
    {{ amount_between('net_revenue_amount', 'share_before', 'share_until') }} as net_revenue_amount,
    {{ amount_between('margin_amount', 'share_before', 'share_until') }} as margin_amount,
    is_headline,
    conversion_date
from shared
