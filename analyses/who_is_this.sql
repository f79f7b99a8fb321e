-- Why is this one person? The identifiers, links, dates and sources that made a user_key, and the
-- links that were refused. For example:
--     dbt show -s who_is_this --limit 100 --output json --vars '{user_key: 0123...}'
-- Identifiers are shown by their keys; whoever may see raw values finds them by the key in
-- int_identifier_keys.
with held as (
    select * from {{ ref('int_linked_identifiers') }} where user_key = '{{ var("user_key", "") }}'
),

keys as (
    select * from {{ ref('int_identifier_keys') }}
),

observations as (
    select * from {{ ref('int_identity_observations') }}
),

seen as (
    select
        held.node_id,
        observations.source_name,
        count(*) as record_count,
        min(observations.observed_at) as first_at,
        max(observations.observed_at) as last_at
    from held
    inner join observations
        on
            held.node_id = observations.node_id
            and {{ is_within('observations.observed_at', 'held') }}
    group by 1, 2
),

linked as (
    select
        one.node_id as node_a,
        other.node_id as node_b,
        one.source_name,
        count(*) as record_count,
        min(one.observed_at) as first_at,
        max(one.observed_at) as last_at
    from observations as one
    inner join observations as other
        on one.record_key = other.record_key and one.node_id < other.node_id
    where
        one.node_id in (select node_id from held)
        and other.node_id in (select node_id from held)
    group by 1, 2, 3
),

devices as (
    select
        node_id,
        run_no,
        valid_from_at,
        valid_to_at
    from {{ ref('int_device_intervals') }}
    where user_key = '{{ var("user_key", "") }}'
)

select
    '1 identifier' as part,
    keys.identifier_type as type_a,
    keys.identifier_key as key_a,
    null as type_b,
    null as key_b,
    seen.source_name,
    seen.record_count,
    seen.first_at,
    seen.last_at,
    null as note
from seen
inner join keys on seen.node_id = keys.node_id
union all
select
    '2 seen together', a.identifier_type, a.identifier_key, b.identifier_type, b.identifier_key,
    linked.source_name, linked.record_count, linked.first_at, linked.last_at, null
from linked
inner join keys as a on linked.node_a = a.node_id
inner join keys as b on linked.node_b = b.node_id
union all
select
    '3 device', keys.identifier_type, keys.identifier_key, null, null,
    null, null, devices.valid_from_at, devices.valid_to_at, 'by log-in, run ' || devices.run_no
from devices
inner join keys on devices.node_id = keys.node_id
union all
select
    '4 refused link', refused.type_a, a.identifier_key, refused.type_b, b.identifier_key,
    null, refused.observation_count, refused.first_observed_at, refused.last_observed_at,
    refused.reject_reason || ': ' || refused.evidence
from {{ ref('rejected_links') }} as refused
inner join keys as a on refused.node_a = a.node_id
inner join keys as b on refused.node_b = b.node_id
where
    refused.node_a in (select node_id from held)
    or refused.node_b in (select node_id from held)
order by 1, 2, 3, 5, 6
