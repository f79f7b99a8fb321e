{#
    The share still waiting after t days, by Kaplan & Meier (1958), doi 10.1080/01621459.1958.10501452:
    the product over all ages up to t of 1 - ended / at_risk. Expressions over a query with one row per
    group and age: `ended` waits end at that age, `at_risk` had lasted that long (those cut off at that
    age included). `ages` names its window: `window ages as (partition by <group> order by <age>)`.
    A survival within 1e-9 of a limit has reached it: sums of logarithms miss 1/2 by 1e-16.
#}

{# 1 down to 0; exactly 0 once all that were left ended #}
{% macro km_survival(ended, at_risk, ages) %}case when max(case when {{ ended }} = {{ at_risk }} then 1 else 0 end) over {{ ages }} = 1 then {{ as_double(0) }} else exp(sum(case when {{ ended }} < {{ at_risk }} then ln(1 - {{ ended }} / {{ as_double(at_risk) }}) else {{ as_double(0) }} end) over {{ ages }}) end{% endmacro %}

{# Greenwood's sum (1926): the standard error of the survival is the survival times its square root #}
{% macro km_greenwood(ended, at_risk, ages) %}sum(case when {{ ended }} < {{ at_risk }} then {{ ended }} / ({{ as_double(at_risk) }} * ({{ at_risk }} - {{ ended }})) else {{ as_double(0) }} end) over {{ ages }}{% endmacro %}

{# whether at least this share of the waits has ended, of those that end at all if `of` is their share #}
{% macro km_has_ended(survival, share, of=1) %}1 - {{ survival }} >= {{ share }} * {{ of }} - 0.000000001{% endmacro %}
