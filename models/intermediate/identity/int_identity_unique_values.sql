-- One row per identifier of a type of which a person holds one value, with its class.
-- A class is a type and namespace, numbered by priority. Values merged by hand count as one.
{{ config(materialized='view') }}

with keys as (
    select * from {{ ref('int_identifier_keys') }}
),

types as (
    select * from {{ ref('identifier_types') }} where role = 'linking' and is_unique_per_person
),

merged as (
    select * from {{ ref('int_identity_merges') }}
)

select
    keys.node_id,
    coalesce(merged.root_node_id, keys.node_id) as holder_node_id,
    dense_rank() over (order by types.priority, keys.namespace) as class_no
from keys
inner join types on keys.identifier_type = types.identifier_type
left join merged on keys.node_id = merged.node_id
