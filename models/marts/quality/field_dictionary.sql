-- One row per declared column of every source table: the field table that landing reads by (字段表).
-- From the YAML itself, so it cannot differ from what is read.
with fields (
    source_name, table_name, column_name, column_no, description, unit, time_zone, aliases, path,
    is_required, is_personal
) as (
    values {{ field_rows() }}
)

select
    {{ key_of(['source_name', 'table_name', 'column_name']) }} as field_key,
    cast(source_name as {{ dbt.type_string() }}) as source_name,
    cast(table_name as {{ dbt.type_string() }}) as table_name,
    cast(column_name as {{ dbt.type_string() }}) as column_name,
    cast(column_no as bigint) as column_no,
    cast(description as {{ dbt.type_string() }}) as description,
    cast(unit as {{ dbt.type_string() }}) as unit,
    cast(time_zone as {{ dbt.type_string() }}) as time_zone,
    cast(aliases as {{ dbt.type_string() }}) as aliases,
    cast(path as {{ dbt.type_string() }}) as path,
    cast(is_required as boolean) as is_required,
    cast(is_personal as boolean) as is_personal
from fields
where source_name is not null
