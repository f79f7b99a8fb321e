{#
    What a person chose most so far, as a text that only grows: how often, when, and what. The greatest
    one up to a day names the choice made most often until then, of equals the one made last.
#}

{# `times` and `number` count from 1; null for a choice that says nothing #}
{% macro choice_code(times, number, choice) %}lpad(cast({{ times }} as {{ dbt.type_string() }}), 9, '0') || lpad(cast({{ number }} as {{ dbt.type_string() }}), 9, '0') || nullif({{ choice }}, 'unknown'){% endmacro %}
{% macro chosen(code) %}coalesce(substr({{ code }}, 19), 'unknown'){% endmacro %}

{# the code of one of the traits of a purchase #}
{% macro trait_code(trait) %}{{ choice_code('row_number() over (partition by user_key, ' ~ trait ~ ' order by purchase_number)', 'purchase_number', trait) }}{% endmacro %}
