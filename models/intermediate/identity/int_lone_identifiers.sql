-- One row per linking identifier and window of days, with the records on which it stands alone.
-- Only what people gave and types with a limit of such records; windows begin on 2000-01-01.
{{ config(materialized='view') }}

with observations as (
    select * from {{ ref('int_identity_observations') }} where role = 'linking'
),

types as (
    select * from {{ ref('identifier_types') }} where max_records_per_window is not null
),

lone_records as (
    select
        record_key,
        max(node_id) as node_id,
        max(identifier_type) as identifier_type,
        max(observed_at) as observed_at
    from observations
    group by 1
    having count(*) = 1 and bool_or(is_typed)
)

select
    lone_records.node_id,
    lone_records.identifier_type,
    {{ floor_div(
        days_between("cast('2000-01-01' as date)", 'cast(lone_records.observed_at as date)'),
        'types.window_days'
    ) }} as window_no,
    count(*) as record_count
from lone_records
inner join types on lone_records.identifier_type = types.identifier_type
group by 1, 2, 3
