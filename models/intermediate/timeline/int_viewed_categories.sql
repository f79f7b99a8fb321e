-- One row per product viewed on the web, with its category and how often that was viewed so far.
-- Only web analytics says which product was looked at.
with events as (
    select event_key, user_key, event_date, occurred_at
    from {{ ref('int_events_identified') }}
    where event_type = 'product_view' and source_name = 'ga4' and user_key <> 'unknown'
),

items as (
    select
        event_item_id,
        sku,
        {{ key_of(["'ga4'", "'events'", 'event_id']) }} as event_key
    from {{ ref('stg_ga4__event_items') }}
),

products as (
    select * from {{ ref('int_products') }}
),

viewed as (
    select
        items.event_item_id,
        events.user_key,
        products.category_name,
        events.event_date,
        row_number() over (
            partition by events.user_key order by events.occurred_at, items.event_item_id
        ) as view_number
    from events
    inner join items on events.event_key = items.event_key
    inner join products on items.sku = products.sku
    where products.category_name is not null
)

select
    event_item_id,
    user_key,
    category_name,
    {{ choice_code(
        'row_number() over (partition by user_key, category_name order by view_number)',
        'view_number', 'category_name'
    ) }} as view_code,
    event_date as viewed_date
from viewed
