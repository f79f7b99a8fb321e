{#
    What dbt-spark does otherwise than the project needs. Parquet knows neither deletes nor constraints:
    incremental models are built anew, and contracts are kept by casting each column to its declared type.
#}

{% materialization incremental, adapter='spark' %}
    {{ return(dbt_spark.materialization_table_spark()) }}
{% endmaterialization %}

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
