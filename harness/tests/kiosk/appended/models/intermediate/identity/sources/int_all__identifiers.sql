union all
select 'kiosk', *, true from {{ ref('int_kiosk__identifiers') }}
