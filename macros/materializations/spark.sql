{#
    What dbt-spark does otherwise than the project needs. Parquet knows no deletes: a table from which
    rows go, or are replaced, is written anew beside the old one and takes its place; of a table
    that has a day (the config `event_time` names its column) only the days that change. Nor does
    it know constraints: contracts are kept by casting each column to its declared type.
#}

{# incremental: the rows of a key that the model gives again replace those of the same key #}
{% materialization incremental, adapter='spark' %}
    {%- set redone, key = this ~ '__redone', config.require('unique_key') -%}
    {{ run_hooks(pre_hooks) }}
    {%- if is_incremental() -%}
        {%- do run_query('drop table if exists ' ~ redone) -%}
        {%- call statement('main') %}create table {{ redone }} {{ file_format_clause() }} as {{ with_day(sql) }}{% endcall -%}
        {%- if count_rows(redone) -%}{%- do replace_rows(
            'select kept.* from ' ~ this ~ ' as kept left anti join ' ~ redone ~ ' as redone on kept.' ~ key ~ ' = redone.' ~ key,
            'select _day from ' ~ redone ~ ' union select _day from ' ~ this ~ ' where ' ~ key ~ ' in (select ' ~ key ~ ' from ' ~ redone ~ ')',
            'select * from ' ~ redone
        ) -%}{%- endif -%}
        {%- do run_query('drop table ' ~ redone) -%}
    {%- else -%}
        {%- do drop_relation_if_exists(load_cached_relation(this)) -%}
        {%- call statement('main') %}create table {{ this }} {{ as_parquet() }} as {{ with_day(sql) }}{% endcall -%}
    {%- endif -%}
    {{ run_hooks(post_hooks) }}
    {{ return({'relations': [this]}) }}
{% endmaterialization %}

{# A query with its rows' days, those of a day together; 1900-01-01 when a row has none. #}
{% macro with_day(query) %}
    {%- set day = config.get('event_time') -%}
    {{ return("select /*+ rebalance(_day) */ *, coalesce(cast(" ~ day ~ " as date), date '1900-01-01') as _day from (" ~ query ~ ")" if day else query) }}
{% endmacro %}

{% macro as_parquet() %}{{ file_format_clause() }} {{ 'partitioned by (_day)' if config.get('event_time') }} {{ comment_clause() }}{% endmacro %}

{#
    Makes the table hold the rows of `kept`, a query of its own rows, and those of `added`. `days` is a
    query of the days on which that changes anything; a table without days is written anew. A run that
    ends in between leaves a mark by which the next one builds the table in full.
#}
{% macro replace_rows(kept, days, added=none) %}
    {%- set next, of_these_days = this ~ '__next', this ~ '__days' -%}
    {%- set more = ' union all ' ~ added if added else '' -%}
    {%- if config.get('event_time') -%}
        {%- for table in [next, of_these_days] -%}{%- do run_query('drop table if exists ' ~ table) -%}{%- endfor -%}
        {%- do run_query('create table ' ~ of_these_days ~ ' ' ~ file_format_clause() ~ ' as select distinct _day from (' ~ days ~ ')') -%}
        {%- do run_query('create table ' ~ next ~ ' ' ~ file_format_clause() ~ ' as select * from (' ~ kept ~ ') where _day in (select _day from ' ~ of_these_days ~ ')' ~ more) -%}
        {%- set emptied = run_query('select cast(_day as string) from ' ~ of_these_days ~ ' where _day not in (select _day from ' ~ next ~ ')').columns[0].values() -%}
        {%- do run_query('alter table ' ~ this ~ " set tblproperties ('omniloop.fingerprint' = 'unfinished')") -%}
        {%- do run_query('set spark.sql.sources.partitionOverwriteMode = dynamic') -%}
        {%- do run_query('insert overwrite table ' ~ this ~ ' partition (_day) select /*+ rebalance(_day) */ * from ' ~ next) -%}
        {%- for day in emptied -%}{%- do run_query('alter table ' ~ this ~ " drop if exists partition (_day = '" ~ day ~ "')") -%}{%- endfor -%}
        {%- for table in [next, of_these_days] -%}{%- do run_query('drop table ' ~ table) -%}{%- endfor -%}
    {%- else -%}
        {%- do write_anew(this, kept ~ more) -%}
    {%- endif -%}
    {%- do run_query(remember_fingerprint()) -%}
{% endmacro %}

{# A query, which may read the table, takes its place. #}
{% macro write_anew(table, query) %}
    {%- set next = table ~ '__next' -%}
    {%- do run_query('drop table if exists ' ~ next) -%}
    {%- do run_query('create table ' ~ next ~ ' ' ~ as_parquet() ~ ' as ' ~ query) -%}
    {%- do run_query('drop table ' ~ table) -%}
    {%- do run_query('alter table ' ~ next ~ ' rename to ' ~ table) -%}
{% endmacro %}

{# Deletes the rows of an incremental table that a condition holds for; most runs find none. #}
{% macro delete_rows(condition) %}{{ return(adapter.dispatch('delete_rows')(condition)) }}{% endmacro %}
{% macro default__delete_rows(condition) %}{% if execute and is_incremental() %}delete from {{ this }} where {{ condition }}{% endif %}{% endmacro %}
{% macro spark__delete_rows(condition) %}
    {% if execute and is_incremental() and run_query('select 1 from ' ~ this ~ ' where ' ~ condition ~ ' limit 1') | length %}
        {% do replace_rows('select * from ' ~ this ~ ' where not coalesce(' ~ condition ~ ', false)', 'select _day from ' ~ this ~ ' where ' ~ condition) %}
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
