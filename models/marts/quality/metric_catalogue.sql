-- One row per metric of the semantic layer: what it means, who answers for it, where it stands.
-- From the YAML and the cards of models/semantic, so it cannot differ from what is calculated.
with metrics (
    metric_name, label_en, label_zh, definition_type, tier, formula, grain, refund_rule,
    time_zone, synonyms, mart_column, card, owner, version
) as (
    values {{ metric_rows() }}
)

select
    cast(metric_name as {{ dbt.type_string() }}) as metric_name,
    cast(label_en as {{ dbt.type_string() }}) as label_en,
    cast(label_zh as {{ dbt.type_string() }}) as label_zh,
    cast(definition_type as {{ dbt.type_string() }}) as definition_type,
    cast(formula as {{ dbt.type_string() }}) as formula,
    cast(grain as {{ dbt.type_string() }}) as grain,
    cast(refund_rule as {{ dbt.type_string() }}) as refund_rule,
    cast(time_zone as {{ dbt.type_string() }}) as time_zone,
    cast(synonyms as {{ dbt.type_string() }}) as synonyms,
    cast(mart_column as {{ dbt.type_string() }}) as mart_column,
    cast(card as {{ dbt.type_string() }}) as card,
    cast(owner as {{ dbt.type_string() }}) as owner,
    cast(version as {{ dbt.type_string() }}) as version,
    cast(tier as bigint) as tier
from metrics
where metric_name is not null
