-- One row per linking identifier and stretch of time, with the person in the marts it stands for.
-- No values. Publishing keeps it, so that the next build can tell whose identifiers moved.
{{ config(materialized='view') }}

with people as (
    select * from {{ ref('int_identifier_people') }} where rank_no = 1
),

keys as (
    select * from {{ ref('int_identifier_keys') }}
),

users as (
    select user_key from {{ ref('dim_users') }}
)

select
    keys.identifier_key,
    people.user_key,
    people.valid_from_at
from people
inner join keys on people.node_id = keys.node_id
inner join users on people.user_key = users.user_key
