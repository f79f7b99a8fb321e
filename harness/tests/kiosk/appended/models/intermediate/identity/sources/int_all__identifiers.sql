union all
select * from {{ ref('int_kiosk__identifiers') }}
