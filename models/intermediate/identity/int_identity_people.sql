-- One row per person known by linking identifiers, with the key all marts join on.
-- The key is a hash of the person's anchor: its first identifier by (identifying, landing run,
-- key).
with nodes as (
    select * from {{ ref('int_identity_nodes') }}
),

ranked as (
    select
        component_id,
        identifier_key,
        is_identifying,
        row_number() over (
            partition by component_id
            order by is_identifying desc, first_landing_run asc, identifier_key asc
        ) as anchor_no
    from nodes
)

select
    component_id,
    identifier_key as anchor_key,
    {{ key_of(["'person'", 'identifier_key']) }} as user_key,
    is_identifying as is_identified
from ranked
where anchor_no = 1
