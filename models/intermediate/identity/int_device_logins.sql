-- One row per device or cookie and record of a person logged in on it.
-- A device more people log in on than its type allows is public: nobody has it between logins.
with observations as (
    select * from {{ ref('int_identity_observations') }}
),

types as (
    select * from {{ ref('identifier_types') }}
),

linked as (
    select * from {{ ref('int_linked_identifiers') }}
),

device_records as (
    select * from observations where role = 'assigned' and observed_at is not null and is_typed
),

-- Of several identifiers on a record the best one says who it is, as everywhere.
persons as (
    select
        observations.record_key,
        linked.user_key,
        row_number() over (
            partition by observations.record_key order by linked.priority, observations.node_id
        ) as person_no
    from observations
    inner join linked
        on
            observations.node_id = linked.node_id
            and {{ is_within('observations.observed_at', 'linked') }}
    where observations.record_key in (select device_records.record_key from device_records)
),

logins as (
    select
        device_records.record_key,
        device_records.node_id,
        device_records.identifier_type,
        persons.user_key,
        device_records.observed_at as logged_in_at
    from device_records
    inner join persons on device_records.record_key = persons.record_key and persons.person_no = 1
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
