-- One row per record that has a usable identifier, with the person it belongs to.
-- The best identifier decides: linking before assigned, then priority, then key.
with observations as (
    select * from {{ ref('int_identity_observations') }}
),

identifier_people as (
    select * from {{ ref('int_identifier_people') }}
),

candidates as (
    select
        observations.record_key,
        identifier_people.user_key,
        identifier_people.is_identified,
        observations.node_id,
        row_number() over (
            partition by observations.record_key
            order by identifier_people.rank_no, observations.priority, observations.node_id
        ) as candidate_no
    from observations
    inner join identifier_people
        on
            observations.node_id = identifier_people.node_id
            and {{ is_within('observations.observed_at', 'identifier_people') }}
)

select
    record_key,
    user_key,
    is_identified,
    node_id
from candidates
where candidate_no = 1
