{# A rate or share must lie between 0 and 1; null is allowed. #}
{% test is_between_zero_and_one(model, column_name) %}
select {{ column_name }} from {{ model }} where {{ column_name }} < 0 or {{ column_name }} > 1
{% endtest %}
