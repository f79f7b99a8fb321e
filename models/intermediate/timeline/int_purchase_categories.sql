-- One row per purchase with the category of products most was spent on.
-- By item value after discounts, whatever came back later; equal ones go by name.
with items as (
    select * from {{ ref('int_order_items') }}
),

orders as (
    select * from {{ ref('int_orders_identified') }} where purchase_number is not null
),

products as (
    select * from {{ ref('int_products') }}
),

spent as (
    select
        orders.user_key,
        orders.order_date,
        -- `all` stands for all categories together, so none can be called that.
        coalesce(nullif(products.category_name, 'all'), 'unknown') as category_name,
        sum(items.net_amount) as net_amount
    from items
    inner join orders on items.order_key = orders.order_key
    left join products on items.sku = products.sku
    group by 1, 2, 3
),

ranked as (
    select
        *,
        row_number() over (
            partition by user_key, order_date
            order by
                net_amount desc,
                case when category_name = 'unknown' then 1 else 0 end asc,
                category_name asc
        ) as category_no
    from spent
)

select
    {{ key_of(['user_key', 'order_date']) }} as purchase_key,
    category_name
from ranked
where category_no = 1
