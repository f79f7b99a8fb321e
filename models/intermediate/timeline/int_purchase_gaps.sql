-- One row per purchase up to the as-of day, with the days until the person's next one.
-- The last gap of a person is still open: it is cut off at the as-of day, not left out, because
-- leaving it out would count only those who came back. Gaps begin with a purchase that was seen.
with purchases as (
    select * from {{ ref('int_purchases') }}
),

categories as (
    select * from {{ ref('int_purchase_categories') }}
),

as_of as (
    select as_of_date from {{ ref('int_as_of') }} where metric_family = 'orders'
),

followed as (
    select
        purchases.purchase_key,
        purchases.user_key,
        purchases.purchase_number,
        purchases.purchase_date,
        lead(purchases.purchase_date) over (
            partition by purchases.user_key order by purchases.purchase_date
        ) as next_purchase_date,
        as_of.as_of_date
    from purchases
    inner join as_of on purchases.purchase_date <= as_of.as_of_date
)

select
    followed.purchase_key,
    followed.user_key,
    coalesce(categories.category_name, 'unknown') as category_name,
    cast(followed.purchase_number as bigint) as purchase_number,
    {{ days_between(
        'followed.purchase_date', 'coalesce(followed.next_purchase_date, followed.as_of_date)'
    ) }} as gap_days,
    followed.next_purchase_date is not null as is_returned,
    followed.purchase_date,
    followed.next_purchase_date
from followed
left join categories on followed.purchase_key = categories.purchase_key
