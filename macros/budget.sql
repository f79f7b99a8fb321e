{#
    What a channel's spend brings. Each reads the columns of `response_curves` in double precision;
    spend is that of a day in the reporting currency and never 0.
#}

{# new customers a day that a daily spend brings at the mean of demand #}
{% macro customers_of(spend) %}case when curves.response_model = 'hill' then exp(curves.ln_top) * {{ saturation_of(spend) }} else exp(curves.ln_scale) * power({{ spend }}, curves.elasticity) end{% endmacro %}

{# how full a Hill curve is, 0 to 1 #}
{% macro saturation_of(spend) %}power({{ spend }}, curves.shape) / (power(curves.half_saturation, curves.shape) + power({{ spend }}, curves.shape)){% endmacro %}

{# per cent that customers grow by when spend grows by one #}
{% macro elasticity_at(spend) %}case when curves.response_model = 'hill' then curves.shape * (1 - {{ saturation_of(spend) }}) else curves.elasticity end{% endmacro %}

{# relative variances at a spend, of the customers and of what one more unit of money brings #}
{% macro customers_variance(spend) %}(power(curves.elasticity_standard_error * (ln({{ spend }}) - curves.mean_ln_adstock), 2) + curves.residual_variance / curves.weeks + curves.value_variance){% endmacro %}
{% macro marginal_variance(spend) %}(power(curves.elasticity_standard_error * (1 / curves.elasticity + ln({{ spend }}) - curves.mean_ln_adstock), 2) + curves.residual_variance / curves.weeks + curves.value_variance){% endmacro %}

{# whole weeks from a day to the last one; 0 is the week that ends on it #}
{% macro weeks_before(day, last_day) %}{{ floor_div(days_between(day, last_day), 7) }}{% endmacro %}

{# share of the variance of one number that another explains in a straight line; null where either never moves #}
{% macro determination(y, x) %}case when var_pop({{ x }}) > 0.000001 and var_pop({{ y }}) > 0.000001 then power(covar_pop({{ y }}, {{ x }}), 2) / var_pop({{ x }}) / var_pop(case when {{ x }} is not null then {{ y }} end) end{% endmacro %}

{# logarithms of a week's new customers, with half a one more, and of its demand; both move alike #}
{% macro ln_count(customers) %}ln({{ as_double(customers) }} + 0.5){% endmacro %}
