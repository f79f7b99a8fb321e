-- One row per refund part and purchased item it gives back, first in, first out.
-- A queue is one order's or one buyer's purchases of one item; a refund takes only what was bought
-- before it and not yet given back. What finds nothing is left to be an orphan.
with refunds as (
    select
        *
    from {{ ref('int_refund_items') }}
    where match_rule in ('named_order_and_item', 'buyer_and_item')
),

named as (
    select order_item_key, sum(piece_count) as piece_count
    from {{ ref('int_refund_items') }}
    where match_rule = 'named_item'
    group by 1
),

named_orders as (
    select queue_key, sum(piece_count) as piece_count
    from refunds
    where match_rule = 'named_order_and_item'
    group by 1
),

-- What no named line has given back yet.
items as (
    select
        items.order_item_key,
        items.order_key,
        items.sku,
        items.ordered_at,
        greatest(items.piece_count - coalesce(named.piece_count, 0), 0) as piece_count
    from {{ ref('int_order_items') }} as items
    left join named on items.order_item_key = named.order_item_key
),

-- What refunds that name the order leave to those that name only the buyer.
left_items as (
    select
        items.*,
        items.piece_count - least(items.piece_count, greatest(
            0, coalesce(named_orders.piece_count, 0) + items.piece_count
            - sum(items.piece_count) over (
                partition by items.order_key, items.sku
                order by items.order_item_key
                rows between unbounded preceding and current row
            )
        )) as left_count
    from items
    left join named_orders on items.order_key || '|' || items.sku = named_orders.queue_key
),

bought as (
    select order_key from {{ ref('int_orders') }}
    where row_status = 'accepted' and is_paid and not is_cancelled and not is_test
),

buyers as (
    select order_key, source_name || ':' || buyer_id as buyer
    from {{ ref('int_all__orders') }}
    where buyer_id is not null
),

purchases as (
    select
        order_key || '|' || sku as queue_key,
        order_item_key,
        piece_count,
        cast('1900-01-01' as timestamp) as bought_at
    from items
    union all
    select
        buyers.buyer || '|' || items.sku,
        items.order_item_key,
        items.left_count,
        items.ordered_at
    from left_items as items
    inner join buyers on items.order_key = buyers.order_key
    inner join bought on items.order_key = bought.order_key
),

steps as (
    select
        queue_key,
        order_item_key as step_key,
        bought_at as step_at,
        piece_count as bought_count,
        0 as returned_count
    from purchases
    where purchases.queue_key in (select refunds.queue_key from refunds)
    union all
    select queue_key, refund_item_key, refunded_at, 0, piece_count from refunds
),

counted as (
    select
        *,
        sum(bought_count) over w as bought_upto,
        sum(returned_count) over w as returned_upto
    from steps
    window w as (
        partition by queue_key
        order by step_at, returned_count, step_key
        rows between unbounded preceding and current row
    )
),

matched as (
    select
        *,
        returned_upto - greatest(0, max(
            case when returned_count > 0 then returned_upto - bought_upto end
        ) over (
            partition by queue_key
            order by step_at, returned_count, step_key
            rows between unbounded preceding and current row
        )) as matched_upto
    from counted
),

returns as (
    select
        *,
        lag(matched_upto, 1, 0) over (
            partition by queue_key order by step_at, returned_count, step_key
        ) as matched_before
    from matched
    where returned_count > 0
)

select
    returns.step_key as refund_item_key,
    counted.step_key as order_item_key,
    cast(
        least(counted.bought_upto, returns.matched_upto)
        - greatest(counted.bought_upto - counted.bought_count, returns.matched_before) as bigint
    ) as piece_count
from returns
inner join counted
    on
        returns.queue_key = counted.queue_key
        and counted.bought_count > 0
        and counted.bought_upto > returns.matched_before
        and counted.bought_upto - counted.bought_count < returns.matched_upto
