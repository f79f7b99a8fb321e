-- One row per order of every sales source, in one shape.
select * from {{ ref('int_shop__orders') }}
union all
select * from {{ ref('int_pos__orders') }}
union all
select * from {{ ref('int_tmall__orders') }}
union all
select * from {{ ref('int_delivery__orders') }}
