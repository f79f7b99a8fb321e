-- One row per device or cookie, record and person logged in on it.
-- A device more people log in on than its type allows is public: nobody has it between logins.
with observations as (
    select * from {{ ref('int_identity_observations') }}
),

types as (
    select * from {{ ref('identifier_types') }}
),

nodes as (
    select * from {{ ref('int_identity_nodes') }}
),

people as (
    select * from {{ ref('int_identity_people') }}
),

logins as (
    select
        devices.record_key,
        devices.node_id,
        devices.identifier_type,
        people.user_key,
        min(devices.observed_at) as logged_in_at
    from observations as devices
    inner join observations as persons
        on
            devices.record_key = persons.record_key
            and persons.role = 'linking'
    inner join nodes on persons.node_id = nodes.node_id
    inner join people on nodes.component_id = people.component_id
    where devices.role = 'assigned' and devices.observed_at is not null
    group by 1, 2, 3, 4
),

devices as (
    select
        logins.node_id,
        count(distinct logins.user_key) > max(types.max_persons_per_value) as is_public
    from logins
    inner join types on logins.identifier_type = types.identifier_type
    group by 1
)

select
    logins.record_key,
    logins.node_id,
    logins.identifier_type,
    logins.user_key,
    coalesce(devices.is_public, false) as is_public,
    logins.logged_in_at
from logins
inner join devices on logins.node_id = devices.node_id
