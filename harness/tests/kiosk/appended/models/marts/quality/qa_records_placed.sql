union all
select
    order_item_key, 'kiosk', 'sales', currency_code,
    cast(gross_original_amount as decimal(28, 6)),
    cast(gross_original_amount * rate as decimal(28, 6)),
    gross_amount
from items
where source_name = 'kiosk'
