-- A tier begins where the one before it ends, from 0 on, and only the last is open.
with tiers as (
    select
        value_tiers.*,
        coalesce(lag(to_percent) over (order by from_percent), 0) as previous_to_percent,
        lead(from_percent) over (order by from_percent) as next_from_percent
    from {{ ref('value_tiers') }} as value_tiers
)

select
    'value_tiers' as seed_name,
    'row of ' || value_tier_name as seed_row,
    'from_percent' as column_name,
    from_percent || ' does not follow the tier before' as problem
from tiers
where from_percent <> previous_to_percent
union all
select
    'value_tiers',
    'row of ' || value_tier_name,
    'to_percent',
    'only the last tier is open'
from tiers
where (to_percent is null) <> (next_from_percent is null)
