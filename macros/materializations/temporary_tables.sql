{# A name that temporary tables of this model begin with; Spark has none, so they stand beside it. #}
{% macro temporary_prefix() %}{{ return(this.schema ~ '.' ~ this.identifier if target.type == 'spark' else this.identifier) }}{% endmacro %}

{# `{% call temporary_table(name) %} select ... {% endcall %}`: Postgres plans badly on tables it has not counted. #}
{% macro temporary_table(name) %}
    {%- do run_query('drop table if exists ' ~ name) -%}
    {%- do run_query('create ' ~ ('' if target.type == 'spark' else 'temporary ') ~ 'table ' ~ name ~ ' as ' ~ caller()) -%}
    {%- if target.type == 'postgres' -%}{%- do run_query('analyze ' ~ name) -%}{%- endif -%}
{% endmacro %}

{% macro drop_temporary_tables(names) %}
    {%- for name in names -%}{%- do run_query('drop table ' ~ name) -%}{%- endfor -%}
{% endmacro %}

{% macro count_rows(table) %}{{ return(run_query('select count(*) from ' ~ table)[0][0]) }}{% endmacro %}
