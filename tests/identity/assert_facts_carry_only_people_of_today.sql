-- When identity moves, whatever a moved person did is redone: no fact carries an older key.
with people as (
    select distinct user_key from {{ ref('int_identifier_people') }}
),

facts as (
    select user_key from {{ ref('int_events_identified') }}
    union
    select user_key from {{ ref('int_sessions') }}
    union
    select user_key from {{ ref('int_orders_identified') }}
)

select facts.user_key
from facts
left join people on facts.user_key = people.user_key
where people.user_key is null and facts.user_key <> 'unknown'
