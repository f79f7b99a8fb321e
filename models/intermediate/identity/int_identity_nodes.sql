-- One row per node of the graph that an identifier is: one, or one per holder when it was split.
-- An episode begins with its holder's first observation, the first one always. Identifiers merged
-- by hand are one node, whatever their limits; otherwise those that are cut have none.
with observations as (
    select * from {{ ref('int_identity_observations') }} where role = 'linking'
),

types as (
    select * from {{ ref('identifier_types') }}
),

limited as (
    select * from {{ ref('int_identity_values') }}
),

merged as (
    select * from {{ ref('int_identity_merges') }}
),

identifiers as (
    select node_id, identifier_type, min(landing_run) as first_landing_run
    from observations
    group by 1, 2
),

episodes as (
    select
        holders.node_id,
        holders.episode_no,
        case when holders.episode_no > 0 then holders.first_at end as valid_from_at,
        lead(holders.first_at) over (
            partition by holders.node_id order by holders.episode_no
        ) as valid_to_at
    from {{ ref('int_identity_holders') }} as holders
    inner join limited on holders.node_id = limited.node_id and limited.value_status = 'split'
)

select
    identifiers.node_id,
    coalesce(episodes.episode_no, 0) as episode_no,
    coalesce(merged.root_node_id, identifiers.node_id) as root_node_id,
    case
        when merged.node_id is not null then merged.root_node_id * 8
        else identifiers.node_id * 8 + coalesce(episodes.episode_no, 0)
    end as graph_node,
    identifiers.identifier_type,
    types.priority,
    types.is_identifying,
    identifiers.first_landing_run,
    episodes.node_id is not null as is_split,
    episodes.valid_from_at,
    episodes.valid_to_at
from identifiers
inner join types on identifiers.identifier_type = types.identifier_type
left join limited on identifiers.node_id = limited.node_id
left join episodes on identifiers.node_id = episodes.node_id
left join merged on identifiers.node_id = merged.node_id
where merged.node_id is not null or not coalesce(limited.is_cut, false)
