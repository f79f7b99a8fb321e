{#
    Calendar months, for cohorts. Both expect first days of months.
#}

{% macro months_between(earlier, later) %}cast({{ dbt.datediff(earlier, later, 'month') }} as bigint){% endmacro %}
{% macro add_months(day, months) %}cast({{ dbt.dateadd('month', months, day) }} as date){% endmacro %}
