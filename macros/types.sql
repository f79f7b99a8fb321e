{# What types are called. The declared names of columns are DuckDB's and Postgres's. #}

{% macro type_double() %}{{ declared_type('double precision') }}{% endmacro %}
{% macro as_double(number) %}cast({{ number }} as {{ type_double() }}){% endmacro %}

{# the engine's name of a declared type #}
{% macro declared_type(data_type) %}{{ return(adapter.dispatch('declared_type')(data_type)) }}{% endmacro %}
{% macro default__declared_type(data_type) %}{{ return(data_type) }}{% endmacro %}
{% macro spark__declared_type(data_type) %}{{ return({'double precision': 'double', 'text': 'string', 'varchar': 'string'}.get(data_type, data_type)) }}{% endmacro %}
