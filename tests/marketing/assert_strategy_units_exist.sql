-- A unit of a change is a region, store or channel of the business; a name written wrong would be a
-- unit in which nothing ever happens.
with known as (
    select 'region' as unit_type, region_code as unit from {{ ref('dim_users') }}
    union
    select 'region', region_code from {{ ref('region_names') }}
    union
    select 'store', store_id from {{ ref('dim_stores') }}
    union
    select 'channel', channel_key from {{ ref('channels') }}
)

select
    'strategy_change_units' as seed_name,
    'row of ' || units.change_name || ' and ' || units.unit as seed_row,
    'unit' as column_name,
    'is no ' || changes.unit_type || ' of the warehouse' as problem
from {{ ref('strategy_change_units') }} as units
inner join {{ ref('strategy_changes') }} as changes on units.change_name = changes.change_name
left join known on changes.unit_type = known.unit_type and units.unit = known.unit
where known.unit is null or known.unit in ('unknown', 'unattributed')
