-- What was refunded, as delivered, equals what was matched to items plus orphans, to the cent.
with delivered as (
    select
        source_name,
        sum(refund_original_amount) as refund_original_amount
    from {{ ref('int_refund_items') }}
    group by 1
),

matched as (
    select
        source_name,
        sum(refund_original_amount) as refund_original_amount
    from {{ ref('int_refunds_matched') }}
    group by 1
)

select delivered.*
from delivered
left join matched on delivered.source_name = matched.source_name
where delivered.refund_original_amount <> coalesce(matched.refund_original_amount, 0)
