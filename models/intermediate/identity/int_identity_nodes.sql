-- One row per linking identifier with its component and the age it is anchored by.
-- An identifier without standing links is a component of its own, unless it is over its record
-- limit.
with observations as (
    select * from {{ ref('int_identity_observations') }} where role = 'linking'
),

types as (
    select * from {{ ref('identifier_types') }}
),

components as (
    select * from {{ ref('int_identity_components') }}
),

limited as (
    select * from {{ ref('int_identity_values') }}
),

nodes as (
    select node_id, identifier_key, identifier_type, min(landing_run) as first_landing_run
    from observations
    group by 1, 2, 3
)

select
    nodes.node_id,
    nodes.identifier_key,
    nodes.identifier_type,
    types.is_identifying,
    nodes.first_landing_run,
    coalesce(components.component_id, nodes.node_id) as component_id
from nodes
inner join types on nodes.identifier_type = types.identifier_type
left join components on nodes.node_id = components.node_id
left join limited on nodes.node_id = limited.node_id
where
    limited.node_id is null
    -- An account is somebody, with however many phones.
    or (limited.value_status = 'over_limit' and types.max_values_per_person = 1)
