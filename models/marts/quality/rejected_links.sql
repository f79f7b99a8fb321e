-- One row per pair of identifiers seen together whose link was cut, with the limit that cut it.
-- Identifiers are keys, never values.
with links as (
    select * from {{ ref('int_identity_links') }}
),

limited as (
    select * from {{ ref('int_identity_values') }}
),

cut as (
    select
        links.*,
        limited.node_id,
        limited.identifier_type,
        limited.value_status,
        limited.person_count,
        limited.lone_record_count
    from links
    inner join limited on links.node_a = limited.node_id
    union all
    select
        links.*,
        limited.node_id,
        limited.identifier_type,
        limited.value_status,
        limited.person_count,
        limited.lone_record_count
    from links
    inner join limited on links.node_b = limited.node_id
)

select
    {{ key_of(['node_a', 'node_b', 'node_id']) }} as rejected_link_key,
    node_a,
    node_b,
    type_a,
    type_b,
    value_status as reject_reason,
    identifier_type as limited_type,
    cast(person_count as bigint) as person_count,
    cast(lone_record_count as bigint) as lone_record_count,
    cast(observation_count as bigint) as observation_count,
    first_at as first_observed_at,
    last_at as last_observed_at
from cut
