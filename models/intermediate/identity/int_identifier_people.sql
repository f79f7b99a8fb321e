-- One row per identifier and stretch of time in which it stands for one person.
-- Linking identifiers come first; devices by login, and otherwise for their own anonymous person.
-- A public device stands for nobody.
with linked as (
    select * from {{ ref('int_linked_identifiers') }}
),

intervals as (
    select * from {{ ref('int_device_intervals') }}
),

people as (
    select * from {{ ref('int_identity_people') }}
),

keys as (
    select * from {{ ref('int_identifier_keys') }}
),

devices as (
    select distinct observations.node_id
    from {{ ref('int_identity_observations') }} as observations
    left join {{ ref('int_device_logins') }} as logins
        on observations.node_id = logins.node_id and logins.is_public
    where observations.role = 'assigned' and logins.node_id is null
)

select
    node_id,
    1 as rank_no,
    valid_from_at,
    valid_to_at,
    user_key,
    is_identified
from linked
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
    devices.node_id,
    3 as rank_no,
    cast(null as timestamp) as valid_from_at,
    cast(null as timestamp) as valid_to_at,
    {{ key_of(["'person'", 'keys.identifier_key']) }} as user_key,
    false as is_identified
from devices
inner join keys on devices.node_id = keys.node_id
