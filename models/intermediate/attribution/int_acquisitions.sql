-- One row per person with a first purchase, and the channel that brought it.
-- Last non-direct touch of the first order's journey, direct only when all touches are; without a
-- touch the channel it was bought in. It is what fct_attribution credits by `last_non_direct`.
with conversions as (
    select * from {{ ref('int_conversions') }} where conversion_type = 'first_order'
),

purchases as (
    select * from {{ ref('int_purchases') }} where purchase_number = 1
),

touches as (
    select
        conversion_key,
        channel_key,
        campaign_key,
        row_number() over (
            partition by conversion_key
            order by case when channel_key = 'direct' then 1 else 0 end, touch_no desc
        ) as choice_no
    from {{ ref('int_journey_touches') }}
    where conversion_type = 'first_order'
)

select
    conversions.user_key,
    purchases.first_order_key,
    coalesce(touches.channel_key, conversions.sales_channel_key) as acquisition_channel_key,
    coalesce(touches.campaign_key, 'unknown') as acquisition_campaign_key,
    conversions.conversion_date as first_order_date
from conversions
inner join purchases on conversions.purchase_key = purchases.purchase_key
left join touches
    on conversions.conversion_key = touches.conversion_key and touches.choice_no = 1
