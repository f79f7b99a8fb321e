-- Units are of a change that is listed, and a change is made somewhere. Whether a unit exists is
-- tested where the warehouse knows (tests/marketing/assert_strategy_units_exist.sql).
with changes as (
    select * from {{ ref('strategy_changes') }}
),

units as (
    select * from {{ ref('strategy_change_units') }}
)

select
    'strategy_change_units' as seed_name,
    'row of ' || units.change_name || ' and ' || units.unit as seed_row,
    'change_name' as column_name,
    'is not listed in seeds/strategy_changes.csv' as problem
from units
left join changes on units.change_name = changes.change_name
where changes.change_name is null
union all
select
    'strategy_changes',
    'row of ' || changes.change_name,
    'change_name',
    'has no treated unit in seeds/strategy_change_units.csv'
from changes
left join units on changes.change_name = units.change_name and units.arm = 'treated'
where units.unit is null
union all
select
    'strategy_change_units',
    'row of ' || change_name || ' and ' || unit,
    'unit',
    'stands in ' || count(*) || ' rows'
from units
group by change_name, unit
having count(*) > 1
