-- One row per item line of an order of every sales source, in one shape.
select * from {{ ref('int_shop__order_items') }}
union all
select * from {{ ref('int_pos__order_items') }}
union all
select * from {{ ref('int_tmall__order_items') }}
union all
select * from {{ ref('int_delivery__order_items') }}
