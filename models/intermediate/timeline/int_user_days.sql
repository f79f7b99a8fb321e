-- One row per person and business day on which something about the person changed, and what.
-- Bought, active, 28 days after an active day, a complaint, a click in a message. A code is null on
-- days that say nothing of it.
with purchases as (
    select * from {{ ref('int_purchase_traits') }}
),

active_days as (
    select * from {{ ref('int_active_days') }} where sales_channel_key = 'all'
),

events as (
    select
        user_key,
        event_date,
        count(case when event_type = 'complaint' then 1 end) as complaint_count,
        count(case when event_type = 'message_clicked' then 1 end) as click_count
    from {{ ref('int_events_identified') }}
    where event_type in ('complaint', 'message_clicked') and user_key <> 'unknown'
    group by 1, 2
),

views as (
    select
        user_key,
        viewed_date,
        max(view_code) as view_code
    from {{ ref('int_viewed_categories') }}
    group by 1, 2
),

promotions as (
    select
        user_key,
        joined_date,
        max({{ choice_code('promotion_number', '1', 'promotion_names') }}) as promotion_code
    from {{ ref('int_user_promotions') }}
    group by 1, 2
),

days as (
    select user_key, purchase_date as change_date from purchases
    union
    select user_key, activity_date from active_days
    union
    select user_key, {{ add_days('activity_date', 28) }} from active_days
    union
    select user_key, event_date from events
    union
    select user_key, viewed_date from views
)

select
    days.user_key,
    purchases.purchase_number,
    {{ choice_code(
        'purchases.purchase_number', '1', 'cast(purchases.gap_days as ' ~ dbt.type_string() ~ ')'
    ) }} as gap_code,
    purchases.category_code,
    purchases.sales_channel_code,
    purchases.store_code,
    purchases.price_band_code,
    purchases.hour_band_code,
    views.view_code,
    promotions.promotion_code,
    coalesce(events.complaint_count, 0) as complaint_count,
    coalesce(events.click_count, 0) as click_count,
    case when active_days.user_key is not null then 1 else 0 end as active_count,
    case when forgotten_days.user_key is not null then 1 else 0 end as forgotten_count,
    purchases.purchase_date,
    days.change_date
from days
left join purchases
    on days.user_key = purchases.user_key and days.change_date = purchases.purchase_date
left join active_days
    on days.user_key = active_days.user_key and days.change_date = active_days.activity_date
left join active_days as forgotten_days
    on
        days.user_key = forgotten_days.user_key
        and days.change_date = {{ add_days('forgotten_days.activity_date', 28) }}
left join events on days.user_key = events.user_key and days.change_date = events.event_date
left join views on days.user_key = views.user_key and days.change_date = views.viewed_date
left join promotions
    on days.user_key = promotions.user_key and days.change_date = promotions.joined_date
