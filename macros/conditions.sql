{#
    Conditions that people write into seeds, such as `purchase_count >= 3 and complaint_count = 0`, over
    the columns of one model. The seed's column says which in its meta: `condition_over: user_tag_inputs`.
    Before the seed is loaded each word is held against the list below and the columns of that model's
    contract, so nothing but a condition can be written; then the engine is asked, over one row of plain values, whether
    each is an expression and true or false. A model evaluates them with `condition_holds`.
#}

{# what is wrong with a condition by its words; nothing when they are right #}
{% macro condition_problem(condition, model_name) %}
    {% set words = ['and', 'or', 'not', 'in', 'is', 'null', 'between', 'like', 'true', 'false', 'date', 'case', 'when', 'then', 'else', 'end', 'coalesce', 'abs', 'least', 'greatest'] %}
    {% set signs = ['=', '<>', '<', '<=', '>', '>=', '+', '-', '*', ','] %}
    {% set columns = contract_columns(model_name) %}
    {% set depth = namespace(open=0) %}
    {% for token in condition_tokens(condition) %}
        {% set depth.open = depth.open + {'(': 1, ')': -1}.get(token, 0) %}
        {% if depth.open < 0 %}
            {{ return("')' closes nothing") }}
        {% elif modules.re.match('[A-Za-z_]', token) %}
            {% if token | lower not in words and token | lower not in columns %}
                {{ return("'" ~ token ~ "' is no column of " ~ model_name ~ ' and no word of conditions; the nearest column is ' ~ nearest_name(token | lower, columns)) }}
            {% endif %}
        {% elif token == '/' %}
            {{ return("'/' divides whole numbers differently on each engine: multiply the other side instead") }}
        {% elif token not in signs + ['(', ')'] and not modules.re.match("'.*'|[0-9]", token) %}
            {{ return('"' ~ token ~ '" may not stand in a condition') }}
        {% endif %}
    {% endfor %}
    {{ return("'(' is never closed" if depth.open else '') }}
{% endmacro %}

{# quoted text, number, word or sign; whatever else is there is a token that is refused #}
{% macro condition_tokens(condition) %}
    {{ return(modules.re.findall("'(?:[^'\\\\\n]|'')*'|[0-9]+(?:[.][0-9]+)?(?![A-Za-z_0-9])|[A-Za-z_][A-Za-z_0-9]*|<>|<=|>=|--|\\S", condition)) }}
{% endmacro %}

{# columns and types that the contract of a model promises, whether it is built already or not #}
{% macro contract_columns(model_name) %}
    {% set columns = {} %}
    {% for node in graph.nodes.values() if node.resource_type == 'model' and node.name == model_name %}
        {% for column in node.columns.values() %}{% do columns.update({column.name: column.data_type}) %}{% endfor %}
    {% endfor %}
    {% if not columns %}{{ exceptions.raise_compiler_error('a condition is over ' ~ model_name ~ ', which is no model with described columns') }}{% endif %}
    {{ return(columns) }}
{% endmacro %}

{# of some names the one that shares most pairs of letters with a word, for its own length #}
{% macro nearest_name(word, names) %}
    {% set best = namespace(name='', share=-1) %}
    {% for name in names %}
        {% set shared = [] %}
        {% for i in range(word | length - 1) if word[i:i + 2] in name %}{% do shared.append(i) %}{% endfor %}
        {% set share = shared | length / (word | length + name | length) %}
        {% if share > best.share %}{% set best.name = name %}{% set best.share = share %}{% endif %}
    {% endfor %}
    {{ return(best.name) }}
{% endmacro %}

{#
    Asks the engine, over one row of plain values, whether each condition of a seed is true or false. One
    it cannot read stops here with the engine's words, which show a line of the question: so each line
    holds one word of the condition and the place of the cell.
#}
{% macro refuse_wrong_conditions(table, column_name, model_name) %}
    {% set plain = {'varchar': "''", 'boolean': 'false', 'date': "'2000-01-01'"} %}
    {% set inputs = [] %}
    {% for name, type in contract_columns(model_name).items() %}
        {% do inputs.append('cast(' ~ plain.get(type, '0') ~ ' as ' ~ declared_type(type) ~ ') as ' ~ name ~ (',' if not loop.last)) %}
    {% endfor %}
    {% for row in table.rows %}
        {% set place = model.original_file_path ~ ', line ' ~ (loop.index + 1) ~ ', column ' ~ column_name %}
        {% set lines = ['select ('] + condition_tokens(row[column_name] or 'true') + [') as is_held from (select'] + inputs + [') as inputs'] %}
        {% set query = lines | join(' -- ' ~ place ~ '\n') %}
        {% set type = get_column_schema_from_query(query)[0].dtype %}
        {% if not type.lower().startswith('bool') %}
            {{ exceptions.raise_compiler_error(place ~ ': is not true or false but of type ' ~ type) }}
        {% endif %}
        {% do run_query(query) %}
    {% endfor %}
{% endmacro %}

{#
    Whether the condition that stands in a column of a seed holds for a row: one expression for all the
    seed's conditions, false where a condition is null. Read from the loaded seed; while it is not
    loaded, as in `dbt compile` on a fresh database, nothing holds.
#}
{% macro condition_holds(column, seed) %}
    {% set branches = [] %}
    {% for text in seed_texts(seed, column) %}
        {% do branches.append("when '" ~ text | replace("'", "''") ~ "' then (" ~ text ~ ')') %}
    {% endfor %}
    {{ return('coalesce(case ' ~ column ~ ' ' ~ branches | join(' ') ~ ' end, false)' if branches else 'cast(false as boolean)') }}
{% endmacro %}

{# the value, as text, of the input column that a column of a seed names; null where it names none #}
{% macro named_value(column, seed) %}
    {% set branches = [] %}
    {% for name in seed_texts(seed, column) %}{% do branches.append("when '" ~ name ~ "' then cast(" ~ name ~ ' as ' ~ dbt.type_string() ~ ')') %}{% endfor %}
    {{ return('case ' ~ column ~ ' ' ~ branches | join(' ') ~ ' end' if branches else 'cast(null as ' ~ dbt.type_string() ~ ')') }}
{% endmacro %}

{# the different texts in a column of a loaded seed #}
{% macro seed_texts(seed, column) %}
    {% set name = column.split('.')[-1] %}
    {% if not execute or load_relation(seed) is none %}{{ return([]) }}{% endif %}
    {{ return(run_query('select distinct ' ~ name ~ ' from ' ~ seed ~ ' where ' ~ name ~ ' is not null order by 1').columns[0].values()) }}
{% endmacro %}
