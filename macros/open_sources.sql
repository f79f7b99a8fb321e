{#
    Before every run each declared source becomes a relation of its own name, so that `source()`
    is plain on every engine: a view over the landed files, a view over a loader's tables
    (vars.source_schemas), or an empty table of the declared columns when nothing was delivered.
#}
{% macro open_sources() %}{{ return(adapter.dispatch('open_sources')() if execute else 'select 1') }}{% endmacro %}

{% macro default__open_sources() %}
    {%- set given = var('source_schemas') -%}
    {%- set landed = landed_tables() -%}
    {%- if not landed and not given -%}
        {{ exceptions.raise_compiler_error("nothing has been landed in " ~ landed_folder() ~ ": run `omniloop land` first") }}
    {%- endif -%}
    {{ refuse_other_origin() if 'landing.origin' in landed }}
    create schema if not exists intermediate;
    create table if not exists intermediate.build_fingerprints (model_name varchar(200), fingerprint varchar(32));
    {%- for node in graph.sources.values() %}
    create schema if not exists {{ node.schema }};
        {%- if node.source_name in given %}
    {{ replace_view(node, read_declared(node, given[node.source_name])) }};
        {%- elif target.type == 'postgres' %}
    create table if not exists {{ node.schema }}.{{ node.identifier }} ({{ column_types(node) | join(', ') }});
        {%- elif node.source_name ~ '.' ~ node.name in landed %}
    {{ replace_view(node, "select * from read_parquet('" ~ landed_folder() ~ "/" ~ node.source_name ~ "/" ~ node.name ~ "/*.parquet', union_by_name = true)") }};
        {%- else %}
    {{ replace_view(node, "select " ~ empty_columns(node) ~ " where false") }};
        {%- endif %}
    {%- endfor %}
{% endmacro %}

{# Spark takes one statement at a time: what has no table yet gets an empty one #}
{% macro spark__open_sources() %}
    {% set given = var('source_schemas') %}
    {% for schema in graph.sources.values() | map(attribute='schema') | unique %}
        {% do run_query('create schema if not exists ' ~ schema) %}
        {% set known = run_query('show tables in ' ~ schema).columns[1].values() %}
        {% for node in graph.sources.values() if node.schema == schema and node.source_name in given %}
            {% do run_query(replace_view(node, read_declared(node, given[node.source_name]))) %}
        {% endfor %}
        {% for node in graph.sources.values() if node.schema == schema and node.source_name not in given and node.identifier not in known %}
            {% do run_query('create table ' ~ schema ~ '.' ~ node.identifier ~ ' (' ~ column_types(node) | join(', ') ~ ') using parquet') %}
        {% endfor %}
    {% endfor %}
    {{ return('select 1') }}
{% endmacro %}

{% macro landed_folder() %}{{ return(env_var('OMNILOOP_DATA', 'data') ~ '/landed') }}{% endmacro %}

{# the source.table names that landing has written; on Postgres those that stand in the database #}
{% macro landed_tables() %}
    {% if target.type == 'postgres' %}
        {{ return(run_query("select table_schema || '.' || table_name from information_schema.tables").columns[0].values() | list) }}
    {% endif %}
    {% set files = run_query("select distinct split_part(file, '/', -3) || '.' || split_part(file, '/', -2) from glob('" ~ landed_folder() ~ "/*/*/*.parquet')") %}
    {{ return(files.columns[0].values() | list) }}
{% endmacro %}

{# a warehouse keeps the landing it was built from; demo and own data, or two businesses, never meet #}
{% macro refuse_other_origin() %}
    {% if target.type != 'duckdb' %}{{ return('') }}{% endif %}
    {% set landing = run_query("select landing_id, origin from read_parquet('" ~ landed_folder() ~ "/landing/origin/*.parquet')") %}
    {% do run_query("create table if not exists main.warehouse_origin (landing_id varchar, origin varchar)") %}
    {% set built = run_query("select landing_id, origin from main.warehouse_origin") %}
    {% if landing | length > 0 and built | length > 0 and built[0][0] != landing[0][0] %}
        {{ exceptions.raise_compiler_error("this warehouse was built from another landing (" ~ built[0][1] ~ " data), what is landed now is " ~ landing[0][1] ~ " data: remove " ~ target.path ~ " to build it anew, or set OMNILOOP_DATA to keep both") }}
    {% elif landing | length > 0 and built | length == 0 %}
        {% do run_query("insert into main.warehouse_origin values ('" ~ landing[0][0] ~ "', '" ~ landing[0][1] ~ "')") %}
    {% endif %}
{% endmacro %}

{% macro replace_view(node, query) %}
    {%- if target.type == 'postgres' -%}drop view if exists {{ node.schema }}.{{ node.identifier }} cascade; create view {{ node.schema }}.{{ node.identifier }} as {{ query }}
    {%- else -%}create or replace view {{ node.schema }}.{{ node.identifier }} as {{ query }}
    {%- endif -%}
{% endmacro %}

{# declared columns with their types, and for a delivered table the columns that landing adds #}
{% macro column_types(node) %}
    {% set types = [] %}
    {% for column in node.columns.values() %}{% do types.append(column.name ~ ' ' ~ declared_type(column.data_type)) %}{% endfor %}
    {% if node.source_name not in ['landing', 'runs', 'fitted', 'published'] %}
        {% set text = declared_type('text') %}
        {% do types.extend(['_extra ' ~ text, '_file ' ~ text, '_file_sha256 ' ~ text, '_record_no bigint', '_loaded_at timestamp', '_load_no bigint']) %}
    {% endif %}
    {{ return(types) }}
{% endmacro %}

{% macro empty_columns(node) %}
    {% set columns = [] %}
    {% for column in column_types(node) %}
        {% do columns.append('cast(null as ' ~ column.split(' ')[1] ~ ') as ' ~ column.split(' ')[0]) %}
    {% endfor %}
    {{ return(columns | join(', ')) }}
{% endmacro %}

{# lower-case name, name and type of each column of a loader's table; none when there is no such table #}
{% macro columns_given(schema, table) %}{{ return(adapter.dispatch('columns_given')(schema, table)) }}{% endmacro %}
{% macro default__columns_given(schema, table) %}
    {{ return(run_query("select lower(column_name), column_name, lower(data_type) from information_schema.columns where lower(table_catalog || '.' || table_schema || '.' || table_name) = lower('" ~ (schema if '.' in schema else target.database ~ '.' ~ schema) ~ "." ~ table ~ "')")) }}
{% endmacro %}
{% macro spark__columns_given(schema, table) %}
    {% set columns = {} %}
    {% if table | lower in run_query('show tables in ' ~ schema).columns[1].values() | map('lower') %}
        {# names of partitions are told a second time, below a line of comment #}
        {% for row in run_query('describe table ' ~ schema ~ '.' ~ table) if row[0] and not row[0].startswith('#') %}
            {% do columns.update({row[0] | lower: (row[0] | lower, row[0], row[1] | lower)}) %}
        {% endfor %}
    {% endif %}
    {{ return(columns.values() | list) }}
{% endmacro %}

{#
    A loader's table read through the field table: each declared column by its name or an alias,
    as text, null where the table has none. A time without offset in a typed column is UTC. A record's
    number is made of its content, so that it stays the same however the table grows. Without
    a sync column of the loader every run counts as a new load, so its rows are judged again.
#}
{% macro read_declared(node, schema) %}
    {% set found = columns_given(schema, node.identifier) %}
    {% set have = {} %}
    {% for row in found %}{% do have.update({row[0]: [row[1], row[2]]}) %}{% endfor %}
    {% if not have %}{{ return("select " ~ empty_columns(node) ~ " where false") }}{% endif %}
    {% set columns, texts, varchar = [], [], declared_type('varchar') %}
    {% for column in node.columns.values() %}
        {% set meta = column.config.meta or column.meta %}
        {% set names = ([column.name] + (meta.aliases or [])) | map('lower') | select('in', have) | list %}
        {% set read = have[names[0]] if names else none %}
        {% if not read and meta.required %}
            {{ exceptions.raise_compiler_error(schema ~ "." ~ node.identifier ~ " has no column " ~ column.name ~ " (or " ~ (meta.aliases or []) | join(', ') ~ ")") }}
        {% endif %}
        {% set text = 'cast(' ~ adapter.quote(read[0]) ~ ' as ' ~ varchar ~ ')' if read else 'cast(null as ' ~ varchar ~ ')' %}
        {% if read and read[1] in ['timestamp', 'timestamp without time zone', 'timestamp_ntz'] and not meta.time_zone %}{% set text = text ~ " || 'Z'" %}{% endif %}
        {% do texts.append(text) %}
        {% do columns.append(text ~ ' as ' ~ column.name) %}
    {% endfor %}
    {% set row = key_of(texts) %}
    {% set sync = ['_load_no', '_fivetran_synced', '_airbyte_extracted_at', '_dlt_load_id'] | select('in', have) | first %}
    {% set started_at = "cast('" ~ run_started_at.strftime('%Y-%m-%d %H:%M:%S') ~ "' as timestamp)" %}
    {% set synced = "(" ~ add_seconds("timestamp '1970-01-01 00:00:00'", as_double('_dlt_load_id')) ~ ")" if sync == '_dlt_load_id' else 'cast(' ~ adapter.quote(have[sync][0]) ~ ' as timestamp)' if sync %}
    {% set loaded_at = 'coalesce(' ~ synced ~ ', ' ~ started_at ~ ')' if sync and sync != '_load_no' else started_at %}
    {% set load_no = '_load_no' if sync == '_load_no' else epoch_ms(loaded_at) %}
    {% do columns.extend([
        "cast(null as " ~ varchar ~ ") as _extra", "'" ~ schema ~ "." ~ node.identifier ~ "' as _file", "cast(null as " ~ varchar ~ ") as _file_sha256",
        node_id(row) ~ " + row_number() over (partition by " ~ row ~ " order by " ~ row ~ ") - 1 as _record_no", loaded_at ~ " as _loaded_at", "cast(" ~ load_no ~ " as bigint) as _load_no",
    ]) %}
    {{ return("select " ~ columns | join(', ') ~ " from " ~ schema ~ "." ~ node.identifier) }}
{% endmacro %}

{# a fact that the field table declares about a column, such as its time_zone or unit #}
{% macro declared(source_name, table_name, column_name, fact) %}
    {%- if execute -%}
        {%- for node in graph.sources.values() if node.source_name == source_name and node.name == table_name -%}
            {%- set column = node.columns[column_name] -%}
            {{ (column.config.meta or column.meta)[fact] }}
        {%- endfor -%}
    {%- else -%}UTC{%- endif -%}
{% endmacro %}
