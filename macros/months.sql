{#
    Calendar months, for cohorts. months_between and add_months expect first days of months.
#}

{# last day of the month of a day #}
{% macro month_end(day) %}cast({{ dbt.last_day(day, 'month') }} as date){% endmacro %}

{% macro months_between(earlier, later) %}{{ return(adapter.dispatch('months_between')(earlier, later)) }}{% endmacro %}
{% macro default__months_between(earlier, later) %}cast({{ dbt.datediff(earlier, later, 'month') }} as bigint){% endmacro %}
{% macro spark__months_between(earlier, later) %}cast(12 * (year({{ later }}) - year({{ earlier }})) + month({{ later }}) - month({{ earlier }}) as bigint){% endmacro %}
{% macro add_months(day, months) %}{{ return(adapter.dispatch('add_months')(day, months)) }}{% endmacro %}
{% macro default__add_months(day, months) %}cast({{ dbt.dateadd('month', months, day) }} as date){% endmacro %}
{% macro spark__add_months(day, months) %}add_months({{ day }}, cast({{ months }} as int)){% endmacro %}
