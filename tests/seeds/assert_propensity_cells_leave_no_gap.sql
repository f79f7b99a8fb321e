-- On each axis a cell begins right after the one before it, and only the last is open.
with cells as (
    select
        propensity_cells.*,
        lag(cell_no) over (partition by cell_axis order by from_value) as cell_no_before,
        lag(to_value) over (partition by cell_axis order by from_value) as previous_to_value,
        lead(from_value) over (partition by cell_axis order by from_value) as next_from_value
    from {{ ref('propensity_cells') }} as propensity_cells
),

axes as (
    select
        cell_axis,
        case when cell_axis = 'recency' then 0 else 1 end as least_value,
        min(from_value) as from_value,
        count(*) - count(distinct cell_no) as twice_count
    from cells
    group by 1
),

problems as (
    select
        cell_axis || ' ' || cell_no as cell,
        'from_value' as column_name,
        from_value || ' does not follow the cell before' as problem
    from cells
    where cell_no_before is not null and coalesce(from_value <> previous_to_value + 1, true)
    union all
    select
        cell_axis || ' ' || cell_no,
        'to_value',
        to_value || ' ends the last cell, which must be open'
    from cells
    where next_from_value is null and to_value is not null
    union all
    select
        cell_axis,
        'from_value',
        from_value || ' begins the first cell, which must begin at ' || least_value
    from axes
    where from_value <> least_value
    union all
    select cell_axis, 'cell_no', 'stands twice' from axes where twice_count > 0
)

select
    'propensity_cells' as seed_name,
    'row of ' || cell as seed_row,
    column_name,
    problem
from problems
