{#
    What dbt-spark does otherwise than the project needs. Parquet knows no deletes: a table from which
    rows go, or are replaced, is written anew beside the old one and takes its place. Nor does it know
    constraints: contracts are kept by casting each column to its declared type.
#}

{# incremental: the rows of a key that the model gives again replace those of the same key #}
{% materialization incremental, adapter='spark' %}
    {%- if not is_incremental() -%}{{ return(dbt.materialization_table_spark()) }}{%- endif -%}
    {%- set redone, key = this ~ '__redone', config.require('unique_key') -%}
    {{ run_hooks(pre_hooks) }}
    {%- do run_query('drop table if exists ' ~ redone) -%}
    {%- call statement('main') %}create table {{ redone }} {{ file_format_clause() }} as {{ sql }}{% endcall -%}
    {%- do rewrite_table(
        'select kept.* from ' ~ this ~ ' as kept left anti join ' ~ redone ~ ' as redone on kept.' ~ key ~ ' = redone.' ~ key
        ~ ' union all select * from ' ~ redone
    ) -%}
    {%- do run_query('drop table ' ~ redone) -%}
    {{ run_hooks(post_hooks) }}
    {{ return({'relations': [this]}) }}
{% endmaterialization %}

{# The rows of a query, which may read the table, take the place of its own. #}
{% macro rewrite_table(query) %}
    {%- set next = this ~ '__next' -%}
    {%- do run_query('drop table if exists ' ~ next) -%}
    {%- do run_query('create table ' ~ next ~ ' ' ~ file_format_clause() ~ ' ' ~ comment_clause() ~ ' as ' ~ query) -%}
    {%- do run_query('drop table ' ~ this) -%}
    {%- do run_query('alter table ' ~ next ~ ' rename to ' ~ this) -%}
    {%- do run_query(remember_fingerprint()) -%}
{% endmacro %}

{# Deletes the rows of an incremental table that a condition holds for; most runs find none. #}
{% macro delete_rows(condition) %}{{ return(adapter.dispatch('delete_rows')(condition)) }}{% endmacro %}
{% macro default__delete_rows(condition) %}delete from {{ this }} where {{ condition }}{% endmacro %}
{% macro spark__delete_rows(condition) %}
    {% if execute and is_incremental() and run_query('select 1 from ' ~ this ~ ' where ' ~ condition ~ ' limit 1') | length %}
        {% do rewrite_table('select * from ' ~ this ~ ' where not coalesce(' ~ condition ~ ', false)') %}
    {% endif %}
{% endmacro %}

{# the columns of a contract, each of its declared type #}
{% macro spark__get_select_subquery(sql) %}
    select
    {% for column in model.columns.values() %}
        cast({{ column.name }} as {{ declared_type(column.data_type) }}) as {{ column.name }}{{ ',' if not loop.last }}
    {% endfor %}
    from (
        {{ sql }}
    ) as model_subq
{% endmacro %}

{# the types of a contract, to hold the model's against #}
{% macro spark__get_empty_schema_sql(columns) %}
    {% set named = {} %}
    {% for name, column in columns.items() %}
        {% do named.update({name: dict(column, data_type=declared_type(column.data_type))}) %}
    {% endfor %}
    {{ return(default__get_empty_schema_sql(named)) }}
{% endmacro %}

{# a column's type as far as a contract tells it: what is narrower than declared is cast to that #}
{% macro spark__format_column(column) %}
    {% set type = {'VARCHAR_TYPE': 'STRING_TYPE', 'INT_TYPE': 'BIGINT_TYPE'}.get(column.dtype, column.dtype) %}
    {{ return({'name': column.name, 'data_type': type, 'formatted': column.name | lower ~ ' ' ~ type}) }}
{% endmacro %}

{# dbt's own says `cascade` #}
{% macro spark__drop_table(relation) %}drop table if exists {{ relation }}{% endmacro %}
