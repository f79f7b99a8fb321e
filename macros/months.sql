{#
    Calendar months, for cohorts. months_between and add_months expect first days of months.
#}

{# last day of the month of a day #}
{% macro month_end(day) %}cast({{ dbt.last_day(day, 'month') }} as date){% endmacro %}

{% macro months_between(earlier, later) %}cast({{ dbt.datediff(earlier, later, 'month') }} as bigint){% endmacro %}
{% macro add_months(day, months) %}cast({{ dbt.dateadd('month', months, day) }} as date){% endmacro %}
