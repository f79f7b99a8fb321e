-- One row per product viewed on the web, with its category and how often that was viewed so far.
-- Only web analytics says which product was looked at.
with events as (
    select event_key, user_key, event_date, occurred_at
    from {{ ref('int_events_identified') }}
    where event_type = 'product_view' and source_name = 'ga4' and user_key <> 'unknown'
),

items as (
    select * from {{ ref('stg_ga4__event_items') }}
),

-- Items name their event by less than all of its key: of equals the first has them.
web_events as (
    select
        {{ replace_all(replace_all('event_id', '^[^:]*:', ''), ':[^:]*:[^:]*$', '') }}
            as short_event_id,
        min(event_id) as event_id
    from {{ ref('stg_ga4__events') }}
    group by 1
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
    from items
    inner join web_events on items.short_event_id = web_events.short_event_id
    inner join events
        on {{ key_of(["'ga4'", "'events'", 'web_events.event_id']) }} = events.event_key
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
