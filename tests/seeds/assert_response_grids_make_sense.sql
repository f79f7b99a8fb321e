-- Shares lie below 1, factors above 0, days are whole, and among the changes is none at all.
with grids as (
    select grid_axis, grid_value from {{ ref('response_grids') }}
),

problems as (
    select grid_axis || ' ' || grid_value as cell, 'must be from 0 to less than 1' as problem
    from grids
    where grid_axis = 'carry_over' and (grid_value < 0 or grid_value >= 1)
    union all
    select grid_axis || ' ' || grid_value, 'must be a whole number from 0 on'
    from grids
    where grid_axis = 'lag_days' and (grid_value < 0 or grid_value <> floor(grid_value))
    union all
    select grid_axis || ' ' || grid_value, 'must be above 0'
    from grids
    where grid_axis = 'half_saturation' and grid_value <= 0
    union all
    -- above 1 returns would rise before they fall, and a split by steps would not be the best
    select grid_axis || ' ' || grid_value, 'must be above 0 and at most 1'
    from grids
    where grid_axis = 'shape' and (grid_value <= 0 or grid_value > 1)
    union all
    select grid_axis || ' ' || grid_value, 'must be above -1'
    from grids
    where grid_axis = 'change_share' and grid_value <= -1
    union all
    select 'change_share', 'must have a row of 0'
    from grids
    having sum(case when grid_axis = 'change_share' and grid_value = 0 then 1 else 0 end) = 0
)

select
    'response_grids' as seed_name,
    'row of ' || cell as seed_row,
    'grid_value' as column_name,
    problem
from problems
