-- One row per identifier and stretch of time in which it stands for one person.
-- Linking identifiers stand always; devices by login, and otherwise for their own anonymous person.
-- A public device stands for nobody.
with nodes as (
    select * from {{ ref('int_identity_nodes') }}
),

people as (
    select * from {{ ref('int_identity_people') }}
),

intervals as (
    select * from {{ ref('int_device_intervals') }}
),

devices as (
    select distinct observations.node_id, observations.identifier_key
    from {{ ref('int_identity_observations') }} as observations
    left join {{ ref('int_device_logins') }} as logins
        on observations.node_id = logins.node_id and logins.is_public
    where observations.role = 'assigned' and logins.node_id is null
)

select
    nodes.node_id,
    1 as rank_no,
    cast(null as timestamp) as valid_from_at,
    cast(null as timestamp) as valid_to_at,
    people.user_key,
    people.is_identified
from nodes
inner join people on nodes.component_id = people.component_id
union all
select
    intervals.node_id,
    2 as rank_no,
    intervals.valid_from_at,
    intervals.valid_to_at,
    intervals.user_key,
    people.is_identified
from intervals
inner join people on intervals.user_key = people.user_key
union all
select
    node_id,
    3 as rank_no,
    cast(null as timestamp) as valid_from_at,
    cast(null as timestamp) as valid_to_at,
    {{ key_of(["'person'", 'identifier_key']) }} as user_key,
    false as is_identified
from devices
