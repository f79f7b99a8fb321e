{# Expressions over months of customers and their horizons. #}

{# a measure of the long form `cohorts` at one horizon, for a row of many #}
{% macro at_horizon(measure, days) %}max(case when cohorts.horizon_days = {{ days }} then cohorts.{{ measure }} end){% endmacro %}
{% macro is_mature_at(days) %}coalesce(bool_or(cohorts.horizon_days = {{ days }} and cohorts.is_mature), false){% endmacro %}

{# net revenue of what has a known margin: coverage of a sum of margins #}
{% macro costed_revenue(margin, revenue) %}sum(case when {{ margin }} is not null then {{ revenue }} end){% endmacro %}
