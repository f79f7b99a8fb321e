-- One row per unit, day and outcome that was not zero: what a change of strategy is judged by.
-- A unit is a region of people, a store, or a channel. People and what they buy count for the
-- region they live in and the channel that acquired them; a store has what was bought in it.
with orders as (
    select * from {{ ref('int_orders_identified') }} where is_valid
),

people as (
    select * from {{ ref('int_people') }}
),

acquisitions as (
    select * from {{ ref('int_acquisitions') }}
),

margins as (
    select * from {{ ref('int_order_margins') }}
),

campaigns as (
    select * from {{ ref('int_campaigns') }} where is_advertised
),

placed as (
    select
        orders.*,
        people.region_code,
        people.first_order_status,
        acquisitions.acquisition_channel_key,
        margins.margin_amount
    from orders
    inner join margins on orders.order_key = margins.order_key
    left join people on orders.user_key = people.user_key
    left join acquisitions on orders.user_key = acquisitions.user_key
),

unit_orders as (
    select 'region' as unit_type, region_code as unit, placed.* from placed
    union all
    select 'store', store_id, placed.* from placed
    union all
    select 'channel', acquisition_channel_key, placed.* from placed
),

unit_days as (
    select
        unit_type,
        unit,
        order_date,
        count(*) as valid_orders,
        sum(net_revenue_amount) as net_revenue,
        sum(margin_amount) as margin,
        count(distinct case
            when purchase_number = 1 and first_order_status = 'known' then user_key
        end) as new_customers,
        count(distinct case when purchase_number > 1 then user_key end) as repeat_purchases
    from unit_orders
    where unit is not null
    group by 1, 2, 3
),

spend as (
    select
        campaigns.channel_key,
        performance.stat_date,
        sum(performance.spend_amount) as spend
    from {{ ref('int_ad_performance') }} as performance
    inner join campaigns
        on {{ key_of([
            'performance.platform', 'performance.campaign_id'
        ]) }} = campaigns.campaign_key
    where performance.row_status = 'accepted'
    group by 1, 2
),

outcomes as (
    select unit_type, unit, 'net_revenue' as outcome_name, order_date, net_revenue as outcome
    from unit_days
    union all
    select unit_type, unit, 'valid_orders', order_date, valid_orders from unit_days
    union all
    select unit_type, unit, 'new_customers', order_date, new_customers from unit_days
    union all
    select unit_type, unit, 'repeat_purchases', order_date, repeat_purchases from unit_days
    union all
    select unit_type, unit, 'margin', order_date, margin from unit_days
    union all
    select 'channel', channel_key, 'spend', stat_date, spend from spend
)

select
    {{ key_of(['unit_type', 'unit', 'outcome_name', 'order_date']) }} as strategy_panel_key,
    unit_type,
    unit,
    outcome_name,
    cast(outcome as decimal(18, 2)) as outcome,
    order_date as outcome_date
from outcomes
where outcome <> 0
