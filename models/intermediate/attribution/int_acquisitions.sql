-- One row per person with a first purchase, and the channel that brought it.
-- The channel and campaign that the headline model of the month credits most; of equals, or where
-- it credits none, the one of the last touch that is not direct. Without a touch the channel it was
-- bought in.
with conversions as (
    select * from {{ ref('int_conversions') }} where conversion_type = 'first_order'
),

purchases as (
    select * from {{ ref('int_purchases') }} where purchase_number = 1
),

headlines as (
    select * from {{ ref('int_headlines') }} where conversion_type = 'first_order'
),

touched as (
    select
        conversions.conversion_key,
        weights.channel_key,
        weights.campaign_key,
        row_number() over (
            partition by conversions.conversion_key
            order by
                {{ model_weight('headlines.attribution_model') }} desc nulls last,
                weights.last_non_direct_weight desc,
                weights.first_touch_no asc
        ) as choice_no
    from conversions
    inner join {{ ref('int_journey_weights') }} as weights
        on conversions.conversion_key = weights.conversion_key
    left join headlines
        on {{ month_start('conversions.conversion_date') }} = headlines.month_date
    where weights.touch_count > 0
)

select
    conversions.user_key,
    purchases.first_order_key,
    coalesce(touched.channel_key, conversions.sales_channel_key) as acquisition_channel_key,
    coalesce(touched.campaign_key, 'unknown') as acquisition_campaign_key,
    conversions.conversion_date as first_order_date
from conversions
inner join purchases on conversions.purchase_key = purchases.purchase_key
left join touched
    on conversions.conversion_key = touched.conversion_key and touched.choice_no = 1
