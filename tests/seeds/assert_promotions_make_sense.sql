-- A promotion ends after it begins, and does not begin again before it has ended.
with promotions as (
    select
        promotions.*,
        lag(to_date) over (partition by promotion_name order by from_date) as previous_to_date
    from {{ ref('promotions') }} as promotions
)

select
    'promotions' as seed_name,
    'row of ' || promotion_name || ' ' || from_date as seed_row,
    'to_date' as column_name,
    'is earlier than from_date' as problem
from promotions
where to_date < from_date
union all
select
    'promotions',
    'row of ' || promotion_name || ' ' || from_date,
    'from_date',
    'lies in the promotion before'
from promotions
where from_date <= previous_to_date
