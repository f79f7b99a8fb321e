-- One row per person with a purchase up to the as-of day: the category and the sales channel they
-- bought most often; of equal ones the latest, then by name.
with purchases as (
    select
        purchases.user_key,
        purchases.sales_channel_key,
        coalesce(categories.category_name, 'unknown') as category_name,
        purchases.purchase_date
    from {{ ref('int_purchases') }} as purchases
    inner join {{ ref('int_as_of') }} as as_of
        on as_of.metric_family = 'orders' and purchases.purchase_date <= as_of.as_of_date
    left join {{ ref('int_purchase_categories') }} as categories
        on purchases.purchase_key = categories.purchase_key
),

habits as (
    select
        user_key,
        'category' as habit,
        category_name as habit_name,
        count(*) as times,
        max(purchase_date) as last_date
    from purchases
    group by user_key, category_name
    union all
    select user_key, 'channel', sales_channel_key, count(*), max(purchase_date)
    from purchases
    group by user_key, sales_channel_key
),

ranked as (
    select
        *,
        row_number() over (
            partition by user_key, habit order by times desc, last_date desc, habit_name asc
        ) as habit_no
    from habits
)

select
    user_key,
    max(case when habit = 'category' then habit_name end) as category_name,
    max(case when habit = 'channel' then habit_name end) as sales_channel_key
from ranked
where habit_no = 1
group by user_key
