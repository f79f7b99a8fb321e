union all
select * from {{ ref('int_kiosk__order_items') }}
