-- One row per item line, with the cost of the pieces that were kept, in the reporting currency.
-- At the cost of the order's day; pieces put back on the shelf cost nothing, others stay a cost.
-- Null where pieces were kept and no cost is known for the product on that day.
with items as (
    select * from {{ ref('int_order_items') }}
),

costs as (
    select * from {{ ref('int_product_costs') }}
),

rates as (
    select * from {{ ref('int_exchange_rates') }}
),

restocked as (
    select order_item_key, sum(restocked_piece_count) as piece_count
    from {{ ref('int_refunds_matched') }}
    where order_item_key is not null
    group by 1
),

kept as (
    select
        items.*,
        cast(
            greatest(items.piece_count - coalesce(restocked.piece_count, 0), 0) as bigint
        ) as kept_piece_count
    from items
    left join restocked on items.order_item_key = restocked.order_item_key
)

select
    kept.order_item_key,
    kept.order_key,
    kept.kept_piece_count,
    case
        when kept.kept_piece_count = 0 then cast(0 as decimal(18, 2))
        else {{ to_cents(
            'kept.kept_piece_count'
            ~ ' * cast(costs.unit_cost_original_amount * rates.rate as decimal(18, 6))'
        ) }}
    end as cost_amount
from kept
left join costs
    on
        kept.sku = costs.sku
        and kept.order_date >= costs.valid_from_date
        and kept.order_date < costs.valid_to_date
left join rates
    on
        costs.currency_code = rates.currency_code
        and kept.order_date >= rates.valid_from_date
        and kept.order_date < rates.valid_to_date
