{#
    What the project's YAML says of columns and metrics, as `values` for the marts field_dictionary and
    metric_catalogue. dbt knows it while it runs, never as a table, so it is read from its graph.
#}
{% macro field_rows() %}
    {%- set rows = [] -%}
    {%- for node in (graph.sources.values() if execute else []) if node.original_file_path.startswith('models/staging') -%}
        {%- for column in node.columns.values() -%}
            {%- set meta = column.config.meta or column.meta -%}
            {%- do rows.append([
                node.source_name, node.name, column.name, loop.index, column.description | trim, meta.unit, meta.time_zone,
                meta.aliases | default([], true) | join(', '), meta.path,
                'true' if meta.required else 'false', 'true' if meta.pii else 'false',
            ]) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(text_rows(rows, 11)) }}
{% endmacro %}

{% macro metric_rows() %}
    {%- set rows = [] -%}
    {%- for metric in (graph.metrics.values() if execute else []) -%}
        {%- set meta, card = metric.config.meta, metric.description -%}
        {%- do rows.append([
            metric.name, (metric.label or '') | replace(meta.label_zh or '~', '') | trim, meta.label_zh, meta.definition, meta.tier,
            meta.formula or card_field(card, 'Formula 公式'), card_field(card, 'Grain 粒度'), meta.refund_rule, meta.time_zone,
            meta.synonyms, meta.mart, card, meta.owner, meta.version,
        ]) -%}
    {%- endfor -%}
    {{ return(text_rows(rows, 14)) }}
{% endmacro %}

{# a row of the table on a metric's card; null where the card has none #}
{% macro card_field(card, name) %}
    {%- set after = card.split('| ' ~ name ~ ' | ') -%}
    {{ return(after[1].split(' |\n')[0] if after | length > 1 else none) }}
{% endmacro %}

{# rows of text, nothing as null; the first is all null, because a list of values may not be empty #}
{% macro text_rows(rows, width) %}
    {%- set listed = ['(' ~ (['null'] * width) | join(', ') ~ ')'] -%}
    {%- for row in rows -%}
        {%- set texts = [] -%}
        {%- for cell in row -%}
            {%- do texts.append("'" ~ cell | string | replace("'", "''") ~ "'" if cell else 'null') -%}
        {%- endfor -%}
        {%- do listed.append('(' ~ texts | join(', ') ~ ')') -%}
    {%- endfor -%}
    {{ return(listed | join(', ')) }}
{% endmacro %}
