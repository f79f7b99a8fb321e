{#
    Sums that would rather be unknown than too low.
#}

{# the sum over the rows that fit; null when the amount of any of them is not known #}
{% macro sum_if_all_known(amount, condition) %}case when count(case when {{ condition }} then {{ amount }} end) = count(case when {{ condition }} then 1 end) then sum(case when {{ condition }} then {{ amount }} end) end{% endmacro %}
