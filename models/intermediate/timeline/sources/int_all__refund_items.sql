-- One row per part of a refund of every sales source, in one shape.
select * from {{ ref('int_shop__refund_items') }}
union all
select * from {{ ref('int_pos__refund_items') }}
union all
select * from {{ ref('int_tmall__refund_items') }}
union all
select * from {{ ref('int_delivery__refund_items') }}
