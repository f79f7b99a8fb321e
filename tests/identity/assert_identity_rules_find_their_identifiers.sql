-- A rule about an identifier that nobody ever delivered does nothing; another secret makes other
-- keys.
-- A warning only, because the same list may stand beside several landings.
{{ config(severity='warn') }}
with rules as (
    select key_a as identifier_key from {{ ref('identity_rules') }}
    union
    select key_b from {{ ref('identity_rules') }}
)

select rules.identifier_key
from rules
left join {{ ref('int_identifier_keys') }} as keys on rules.identifier_key = keys.identifier_key
where keys.identifier_key is null
