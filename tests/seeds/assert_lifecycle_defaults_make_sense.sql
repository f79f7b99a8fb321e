-- One row of thresholds, each later than the one before it.
with defaults as (
    select * from {{ ref('lifecycle_defaults') }}
)

select
    'lifecycle_defaults' as seed_name,
    'row of ' || p50_days || ' days' as seed_row,
    'p90_days' as column_name,
    'the days do not grow from p50_days over p80_days to p90_days' as problem
from defaults
where p50_days > p80_days or p80_days > p90_days
union all
select 'lifecycle_defaults', 'the list', 'p50_days', 'there must be one row'
from defaults
having count(*) <> 1
