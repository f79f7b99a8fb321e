-- The cost of a line nothing came back of is that of the record that covers its day, found again
-- line by line: no stretch of days, no window.
with lines as (
    select
        items.order_item_key,
        items.sku,
        items.piece_count,
        items.order_date,
        costs.cost_amount
    from {{ ref('int_order_items') }} as items
    inner join {{ ref('int_item_costs') }} as costs on items.order_item_key = costs.order_item_key
    where costs.kept_piece_count = items.piece_count and items.piece_count > 0
),

covering as (
    select
        lines.order_item_key,
        max(coalesce(costs.changed_at, timestamp '1900-01-01 00:00:00')) as changed_at
    from lines
    inner join {{ ref('stg_erp__product_costs') }} as costs
        on
            lines.sku = costs.sku
            and lines.order_date >= costs.valid_from_date
            and lines.order_date <= coalesce(costs.valid_to_date, cast('9999-12-30' as date))
    group by 1
)

select lines.order_item_key
from lines
left join covering on lines.order_item_key = covering.order_item_key
left join {{ ref('stg_erp__product_costs') }} as costs
    on
        lines.sku = costs.sku
        and coalesce(costs.changed_at, timestamp '1900-01-01 00:00:00') = covering.changed_at
        and lines.order_date >= costs.valid_from_date
        and lines.order_date <= coalesce(costs.valid_to_date, cast('9999-12-30' as date))
left join {{ ref('int_exchange_rates') }} as rates
    on
        costs.currency_code = rates.currency_code
        and lines.order_date >= rates.valid_from_date
        and lines.order_date < rates.valid_to_date
group by 1
having
    max(case when lines.cost_amount is null then 1 else 0 end)
    <> max(case when covering.order_item_key is null then 1 else 0 end)
    or (
        max(lines.cost_amount) is not null
        and min(abs(
            lines.cost_amount
            - lines.piece_count
            * cast(costs.unit_cost_original_amount * rates.rate as decimal(18, 6))
        )) > 0.01
    )
