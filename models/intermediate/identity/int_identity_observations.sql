-- One row per record and identifier on it, without raw values.
-- `landing_run` is the run that first delivered the record: the age that anchors go by.
with identifiers as (
    select * from {{ ref('int_record_identifiers') }}
),

keys as (
    select * from {{ ref('int_identifier_keys') }}
),

runs as (
    select load_no, min(run_no) as run_no from {{ source('landing', 'files') }} group by 1
),

types as (
    select * from {{ ref('identifier_types') }}
)

select
    identifiers.record_key,
    identifiers.source_name,
    keys.node_id,
    types.identifier_type,
    types.role,
    types.priority,
    identifiers.is_typed,
    identifiers.observed_at,
    coalesce(runs.run_no, identifiers.first_load_no) as landing_run
from identifiers
inner join keys
    on
        identifiers.identifier_type = keys.identifier_type
        and identifiers.namespace = keys.namespace
        and identifiers.identifier_value = keys.identifier_value
inner join types on identifiers.identifier_type = types.identifier_type
left join runs on identifiers.first_load_no = runs.load_no
