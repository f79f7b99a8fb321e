-- A key is the keyed hash of type, namespace and value: one id of two apps has two keys. Computed
-- again for one identifier of twenty.
select identifier_type, namespace
from {{ ref('int_identifier_keys') }}
where
    mod(node_id, 20) = 0
    and identifier_key <> {{ keyed_hash(
        "concat_ws('|', identifier_type, namespace, identifier_value)"
    ) }}
