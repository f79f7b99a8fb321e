{#
    Seeds are written by people. Before one is loaded each cell is held against the type that
    dbt_project.yml gives its column and against the column's meta in seeds/_seeds.yml: `required`, and
    `cell`, a pattern for all of it, with `cell_is`, the same in words; `condition_over`, the model over whose
    columns a cell is a condition (macros/conditions.sql); `column_of`, the model a column of which it names.
    A cell of a `pii` column is never shown. What the cells mean together is tested in tests/seeds/.
#}

{# pre-hook of every seed #}
{% macro refuse_wrong_cells() %}
    {% if not execute %}{{ return('') }}{% endif %}
    {% set table = load_agate_table() %}
    {% set first = table.column_names[0] %}
    {% set problems = [] %}
    {% for row in table.rows %}
        {% set line = loop.index + 1 %}
        {% for name in table.column_names %}
            {% set column = model.columns.get(name, {}) %}
            {% set problem = cell_problem(row[name], config.get('column_types', {}).get(name, ''), column.get('config', {}).get('meta') or {}) %}
            {% if problem %}
                {% do problems.append(model.original_file_path ~ ', line ' ~ line ~ (' (' ~ first ~ ' ' ~ row[first] ~ ')' if row[first] and name != first) ~ ', column ' ~ name ~ ': ' ~ problem) %}
            {% endif %}
        {% endfor %}
    {% endfor %}
    {% if problems %}{{ exceptions.raise_compiler_error(problems | join('\n')) }}{% endif %}
    {% for name in table.column_names %}
        {% set meta = model.columns.get(name, {}).get('config', {}).get('meta') or {} %}
        {% if meta.condition_over %}{% do refuse_wrong_conditions(table, name, meta.condition_over) %}{% endif %}
    {% endfor %}
{% endmacro %}

{# what is wrong with one cell; nothing when it is right #}
{% macro cell_problem(value, type, meta) %}
    {% set kinds = {
        'integer': ['-?[0-9]{1,9}', 'a whole number'],
        'boolean': ['(?i)true|false', 'true or false'],
        'date': ['[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])', 'a day such as 2026-01-31'],
        'decimal': ['-?[0-9]+([.][0-9]+)?', 'a plain number'],
        'varchar': ['(?s).{0,' ~ type[8:-1] ~ '}', 'at most ' ~ type[8:-1] ~ ' characters long'],
    } %}
    {% if value is none %}{{ return('is empty' if meta.required else '') }}{% endif %}
    {% set rules = [kinds.get(type.split('(')[0])] + ([[meta.cell, meta.cell_is]] if meta.cell else []) %}
    {% for rule in rules if rule and not modules.re.fullmatch(rule[0], value | string) %}
        {{ return(('the cell' if meta.pii else "'" ~ (value | string | truncate(60)) ~ "'") ~ ' is not ' ~ rule[1]) }}
    {% endfor %}
    {% if meta.condition_over %}{{ return(condition_problem(value, meta.condition_over)) }}{% endif %}
    {% if meta.column_of and value not in contract_columns(meta.column_of) %}
        {{ return("'" ~ value ~ "' is no column of " ~ meta.column_of ~ '; the nearest is ' ~ nearest_name(value | lower, contract_columns(meta.column_of))) }}
    {% endif %}
    {{ return('') }}
{% endmacro %}
