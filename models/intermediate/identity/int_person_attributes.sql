-- One row per record and thing it says of a person, with how far the statement is trusted.
-- A phone or e-mail comes with its node; one that never was an identifier, as a blocked one, says
-- nothing.
with statements as (
    select * from {{ ref('int_all__attributes') }} where attribute_value is not null
),

trusted as (
    select * from {{ ref('statement_sources') }}
),

types as (
    select * from {{ ref('identifier_types') }}
),

keys as (
    select * from {{ ref('int_identifier_keys') }}
)

select
    statements.record_key,
    statements.source_name,
    statements.table_name,
    statements.attribute_name,
    statements.attribute_value,
    keys.node_id,
    trusted.source_order,
    trusted.is_verified,
    statements.said_at
from statements
left join trusted
    on
        statements.attribute_name = trusted.attribute_name
        and statements.source_name = trusted.source_name
        and statements.table_name = trusted.table_name
left join types on statements.attribute_name = types.identifier_type
left join keys
    on
        types.identifier_type = keys.identifier_type
        and keys.namespace = ''
        and statements.attribute_value = keys.identifier_value
where types.identifier_type is null or keys.node_id is not null
