{#
    What the metrics of models/semantic say of themselves, as `values` for the mart metric_catalogue.
    dbt knows metrics while it runs, never as a table, so they are read from its graph.
#}
{% macro metric_rows() %}
    {%- set rows = ['(' ~ (['null'] * 14) | join(', ') ~ ')'] -%}  {# a list of values may not be empty #}
    {%- for metric in (graph.metrics.values() if execute else []) -%}
        {%- set meta, card, texts = metric.config.meta, metric.description, [] -%}
        {%- for cell in [
            metric.name, (metric.label or '') | replace(meta.label_zh or '~', '') | trim, meta.label_zh, meta.definition, meta.tier,
            meta.formula or card_field(card, 'Formula 公式'), card_field(card, 'Grain 粒度'), meta.refund_rule, meta.time_zone,
            meta.synonyms, meta.mart, card, meta.owner, meta.version,
        ] -%}
            {%- do texts.append("'" ~ cell | string | replace("'", "''") ~ "'" if cell else 'null') -%}
        {%- endfor -%}
        {%- do rows.append('(' ~ texts | join(', ') ~ ')') -%}
    {%- endfor -%}
    {{ return(rows | join(', ')) }}
{% endmacro %}

{# a row of the table on a metric's card; null where the card has none #}
{% macro card_field(card, name) %}
    {%- set after = card.split('| ' ~ name ~ ' | ') -%}
    {{ return(after[1].split(' |\n')[0] if after | length > 1 else none) }}
{% endmacro %}
