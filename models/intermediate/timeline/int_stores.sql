-- One row per store of the books or that sold something.
with booked as (
    select * from {{ ref('stg_erp__stores') }}
),

selling as (
    select distinct store_id from {{ ref('int_orders') }} where store_id is not null
)

select
    coalesce(booked.store_id, selling.store_id) as store_id,
    booked.store_name,
    booked.region_code
from selling
full join booked on selling.store_id = booked.store_id
