-- The gaps of all channels and categories are the purchases of the orders up to the as-of day, each
-- once, and so are those of the channels together and of the categories together.
with purchases as (
    select distinct orders.user_key, orders.order_date
    from {{ ref('fct_orders') }} as orders
    inner join {{ ref('dim_as_of') }} as as_of
        on as_of.metric_family = 'orders' and orders.order_date <= as_of.as_of_date
    where orders.is_valid and orders.user_key <> 'unknown'
),

plain as (
    select
        count(*) as gaps,
        count(distinct user_key) as censored_gaps
    from purchases
),

cycles as (
    select
        acquisition_channel_key = 'all' as is_all_channels,
        category_name = 'all' as is_all_categories,
        sum(gaps) as gaps,
        sum(censored_gaps) as censored_gaps
    from {{ ref('repurchase_cycle') }}
    where gap_type = 'all'
    group by 1, 2
)

select cycles.*
from cycles
cross join plain
where cycles.gaps <> plain.gaps or cycles.censored_gaps <> plain.censored_gaps
