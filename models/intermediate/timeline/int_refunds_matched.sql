-- One row per refund part and order item it gives back, in the reporting currency.
-- Money is spread in whole cents and conserved; at the rate of the order's day. An orphan keeps its
-- money with no order and the rate of its own day.
with refunds as (
    select * from {{ ref('int_refund_items') }}
),

items as (
    select * from {{ ref('int_order_items') }}
),

targets as (
    select refund_item_key, order_item_key, 1 as weight, piece_count
    from refunds
    where match_rule = 'named_item'
    union all
    select refund_item_key, order_item_key, piece_count as weight, piece_count
    from {{ ref('int_refund_queues') }}
    union all
    select
        refunds.refund_item_key,
        items.order_item_key,
        {{ cents('items.net_original_amount') }},
        0
    from refunds
    inner join items on refunds.order_key = items.order_key
    where refunds.match_rule = 'named_order'
),

target_sums as (
    select refund_item_key, sum(weight) as weight from targets group by 1
),

parts as (
    select
        refunds.refund_item_key,
        targets.order_item_key,
        targets.weight,
        targets.piece_count
    from refunds
    inner join targets on refunds.refund_item_key = targets.refund_item_key
    where targets.weight > 0
    union all
    select
        refunds.refund_item_key,
        null,
        case
            when refunds.match_rule in ('named_order_and_item', 'buyer_and_item')
                then refunds.piece_count - coalesce(target_sums.weight, 0)
            when coalesce(target_sums.weight, 0) = 0 then 1
            else 0
        end,
        0
    from refunds
    left join target_sums on refunds.refund_item_key = target_sums.refund_item_key
),

weighed as (
    select
        parts.refund_item_key,
        parts.order_item_key,
        parts.piece_count,
        cast(parts.weight as bigint) as weight,
        cast(sum(parts.weight) over (
            partition by parts.refund_item_key
            order by parts.order_item_key nulls last
            rows between unbounded preceding and current row
        ) as bigint) as weight_upto,
        cast(sum(parts.weight) over (partition by parts.refund_item_key) as bigint) as weight_sum
    from parts
    where parts.weight > 0
),

spread as (
    select
        weighed.*,
        refunds.refund_key,
        refunds.source_name,
        refunds.match_rule,
        refunds.is_restocked,
        refunds.currency_code,
        refunds.refund_original_amount,
        refunds.refunded_at,
        {{ business_date('refunds.refunded_at') }} as refund_date,
        refunds.load_no,
        case when refunds.refund_original_amount < 0 then -1 else 1 end as sign,
        {{ cents('abs(refunds.refund_original_amount)') }} as refund_cents
    from weighed
    inner join refunds on weighed.refund_item_key = refunds.refund_item_key
),

shared as (
    select
        *,
        case
            when weight = weight_sum then refund_original_amount
            else
                cast(sign * (
                    {{ cents_share('refund_cents', 'weight_upto', 'weight_sum') }}
                    - {{ cents_share('refund_cents', '(weight_upto - weight)', 'weight_sum') }}
                ) as decimal(18, 4)) * cast(0.01 as decimal(3, 2))
        end as part_original_amount
    from spread
)

select
    {{ key_of(['shared.refund_item_key', 'shared.order_item_key']) }} as refund_part_key,
    shared.refund_item_key,
    shared.refund_key,
    shared.source_name,
    items.order_key,
    shared.order_item_key,
    case when shared.order_item_key is null then 'orphan' else shared.match_rule end as match_rule,
    case when shared.is_restocked then shared.piece_count else 0 end as restocked_piece_count,
    shared.currency_code,
    shared.part_original_amount as refund_original_amount,
    rates.rate,
    {{ to_cents('shared.part_original_amount * rates.rate') }} as refund_amount,
    shared.refunded_at,
    shared.refund_date,
    shared.load_no
from shared
left join items on shared.order_item_key = items.order_item_key
left join {{ ref('int_exchange_rates') }} as rates
    on
        coalesce(
            shared.currency_code, items.currency_code, '{{ var("reporting_currency") }}'
        ) = rates.currency_code
        and coalesce(items.order_date, shared.refund_date) >= rates.valid_from_date
        and coalesce(items.order_date, shared.refund_date) < rates.valid_to_date
