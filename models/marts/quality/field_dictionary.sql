-- One row per declared column of every source table: the field table that landing reads by (字段表).
select
    {{ key_of(['source_name', 'table_name', 'column_name']) }} as field_key,
    source_name,
    table_name,
    column_name,
    column_no,
    description,
    unit,
    time_zone,
    aliases,
    path,
    is_required,
    is_personal
from {{ source('landing', 'fields') }}
