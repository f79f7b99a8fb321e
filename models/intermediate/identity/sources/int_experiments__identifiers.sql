-- One row per assignment with the unit that was assigned, its only identifier.
-- It links nothing; it finds the person who is known by it elsewhere.
select
    {{ key_of(["'experiments'", "'assignments'", 'assignment_key']) }} as record_key,
    unit_type as identifier_type,
    namespace,
    unit_id as identifier_value,
    assigned_at as observed_at,
    load_no,
    first_load_no
from {{ ref('stg_experiments__assignments') }}
where unit_id is not null
