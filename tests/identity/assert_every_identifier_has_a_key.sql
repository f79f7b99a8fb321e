-- Every identifier on a record has its keyed hash; a missing one would mean a session without the
-- secret.
select identifiers.identifier_type
from {{ ref('int_record_identifiers') }} as identifiers
left join {{ ref('int_identifier_keys') }} as keys
    on
        identifiers.identifier_type = keys.identifier_type
        and identifiers.namespace = keys.namespace
        and identifiers.identifier_value = keys.identifier_value
where keys.identifier_key is null
