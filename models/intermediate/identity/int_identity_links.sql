-- One row per pair of linking identifiers seen on one record.
-- All pairs of a record, never a star, so that a value that is cut takes only its own links along.
with observations as (
    select * from {{ ref('int_identity_observations') }} where role = 'linking'
)

select
    one.node_id as node_a,
    other.node_id as node_b,
    one.identifier_type as type_a,
    other.identifier_type as type_b,
    count(*) as observation_count,
    min(one.observed_at) as first_at,
    max(one.observed_at) as last_at
from observations as one
inner join observations as other
    on
        one.record_key = other.record_key
        and one.node_id < other.node_id
group by 1, 2, 3, 4
