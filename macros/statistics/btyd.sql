{#
    Buy till you die: BG/NBD (Fader, Hardie & Lee 2005, Marketing Science 24:275) and MBG/NBD
    (Batislam, Denizel & Filiztekin 2007, IJRM 24:201) in weeks. They differ in one thing: a customer
    may drop out after each repeat purchase, in MBG/NBD after the first purchase too. So one set of
    expressions serves both, given how many chances to drop out there were.

    The expressions read the columns r, alpha, a, b (the fitted parameters), repeat_count, recency_weeks
    (first to last purchase), age_weeks (first purchase to now) and dropout_chances; those of the future
    also horizon_share = horizon / (alpha + age + horizon). All are double precision.

    Expected purchases hold Gauss's 2F1. Its series converges like n^(r + repeat_count - a) z^n, Euler's
    transform of it like n^(a - 2 - r - repeat_count) z^n: of the two the faster is taken, row by row,
    so 120 terms are within 1e-6 up to z = 0.95, whatever the parameters. The sum of either is the same.
#}

{# e to a power that Postgres neither calls an overflow nor an underflow #}
{% macro bounded_exp(power) %}exp(greatest(-300, least(300, {{ power }}))){% endmacro %}

{# how likely the customer has not dropped out yet #}
{% macro btyd_alive() %}(case when dropout_chances = 0 then 1 else 1 / (1 + a / (b + dropout_chances - 1) * {{ bounded_exp('(r + repeat_count) * ln((alpha + age_weeks) / (alpha + recency_weeks))') }}) end){% endmacro %}

{# how likely a living customer buys at least once within the horizon #}
{% macro btyd_buys() %}(1 - {{ bounded_exp('(r + repeat_count) * ln(1 - horizon_share)') }}){% endmacro %}

{# the arguments of 2F1: which form, its first, second and third, and the power of 1 - z before it #}
{% macro btyd_is_euler() %}(a - 1 <= r + repeat_count){% endmacro %}
{% macro btyd_third() %}(a + b + dropout_chances - 1){% endmacro %}
{% macro btyd_first() %}(case when {{ btyd_is_euler() }} then {{ btyd_third() }} - r - repeat_count else r + repeat_count end){% endmacro %}
{% macro btyd_second() %}(case when {{ btyd_is_euler() }} then a - 1 else b + dropout_chances end){% endmacro %}
{% macro btyd_power() %}least(a - 1, r + repeat_count){% endmacro %}

{# a value that must not be zero, or not one, moved off it: the singularity is removable #}
{% macro off_value(number, value) %}(case when abs({{ number }} - {{ value }}) < 0.000001 then {{ value }} + 0.000001 else {{ number }} end){% endmacro %}

{#
    The series of Gauss's 2F1 in Horner form: twenty terms from one on, given the value of those after.
    Six in a row are 120 terms; in one expression the brackets would be too deep for some parsers.
#}
{% macro btyd_series(from_term, rest) %}
{%- set series = namespace(value=rest) -%}
{%- for n in range(from_term + 19, from_term - 1, -1) -%}
    {%- set series.value = '(1 + (series_first + ' ~ n ~ ') * (series_second + ' ~ n ~ ') / ((series_third + ' ~ n ~ ') * ' ~ (n + 1) ~ ') * horizon_share * ' ~ series.value ~ ')' -%}
{%- endfor -%}
{{ series.value }}
{%- endmacro %}
