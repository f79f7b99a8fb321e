-- One row per distinct identifier ever seen: the look-up from a raw value to its keyed hash.
-- The only place that computes the keyed hash; restricted, because it holds raw values.
{{ config(materialized='incremental', unique_key='identifier_key') }}

with identifiers as (
    select distinct identifier_type, namespace, identifier_value
    from {{ ref('int_record_identifiers') }}
    where {{ is_unknown(
        'int_record_identifiers', ['identifier_type', 'namespace', 'identifier_value']
    ) }}
),

keyed as (
    select
        identifier_type,
        namespace,
        identifier_value,
        {{ keyed_hash(
            "identifier_type || '|' || namespace || '|' || identifier_value"
        ) }} as identifier_key
    from identifiers
)

select
    identifier_key,
    {{ node_id('identifier_key') }} as node_id,
    identifier_type,
    namespace,
    identifier_value
from keyed
