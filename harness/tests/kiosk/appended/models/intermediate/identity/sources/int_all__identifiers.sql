union all
select *, true from {{ ref('int_kiosk__identifiers') }}
