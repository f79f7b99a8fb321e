union all
select 'kiosk', max({{ business_date('sold_at') }}) from {{ ref('stg_kiosk__sales') }}
