{#
    How consoles, spreadsheets and platforms write ids, numbers, days and money: 元 with thousands, 分,
    a dash for nothing, ="123" so that a spreadsheet keeps an id. Exact, or null.
#}

{# an id or word without what keeps it text in a spreadsheet: ="123", '123, a tab before it, 12.00元, the word null #}
{% macro unquoted(text) %}nullif(nullif(trim(translate({{ text }}, '="''元￥¥' || chr(9), '')), ''), 'null'){% endmacro %}

{# a status as a seed writes it: upper case, no blanks, an ASCII comma #}
{% macro status_word(text) %}upper(translate({{ unquoted(text) }}, '， 　', ',')){% endmacro %}

{# a clock that a spreadsheet rewrote, 2026/3/1 9:05, as 2026-03-01 09:05; any other text as it is #}
{% macro unslashed(text) %}
{%- set day, clock = "split_part(" ~ text ~ ", ' ', 1)", "split_part(" ~ text ~ ", ' ', 2)" -%}
case
        when {{ matches(text, '^[0-9]{4}/[0-9]{1,2}/[0-9]{1,2} [0-9]{1,2}:[0-9:]+$') }}
            then split_part({{ day }}, '/', 1) || '-' || lpad(split_part({{ day }}, '/', 2), 2, '0')
                || '-' || lpad(split_part({{ day }}, '/', 3), 2, '0')
                || ' ' || right('0' || {{ clock }}, case when length({{ clock }}) < 6 then 5 else 8 end)
        else {{ text }}
    end
{%- endmacro %}

{# money that went through a binary float on its way: 32.199999999999996 was 32.20, 1.00005 was no money #}
{% macro float_to_decimal(text) %}coalesce({{ to_decimal(text) }}, case when abs({{ to_rounded(text, 18) }} - {{ to_rounded(text, 2) }}) < 0.000001 then cast({{ to_rounded(text, 2) }} as decimal(18, 4)) end){% endmacro %}

{# what a shop had got for pieces that a delivery platform refunds: their price less what the shop bore of discounts; 0 pieces are a difference in weight #}
{% macro delivery_refund_amount(pieces, unit_refund, unit_price, shop_share) %}case when {{ pieces }} = 0 then {{ unit_refund }} when {{ unit_price }} is null then {{ unit_refund }} * {{ pieces }} else {{ unit_price }} * {{ pieces }} - coalesce({{ shop_share }}, 0) end{% endmacro %}

{# money in 元 as consoles write it: thousands in groups of three; at most six decimals, never rounded #}
{% macro to_yuan(text) %}case when {{ matches(console_number(text), '^[+-]?[0-9]{1,13}([.][0-9]{1,6}0*)?$') }} then cast({{ console_number(text) }} as decimal(28, 6)) end{% endmacro %}

{# money in 分: whole numbers only, since 元 would be a hundred times less; a float's .0 is still whole #}
{% macro fen_to_yuan(text) %}case when {{ matches(clean(text), '^[+-]?[0-9]{1,15}([.]0)?$') }} then cast(cast({{ clean(text) }} as decimal(28, 6)) * cast(0.01 as decimal(3, 2)) as decimal(28, 6)) end{% endmacro %}

{# a value as delivered; the dashes that consoles write where there is none are none #}
{% macro given(text) %}case when {{ clean(text) }} not in ('-', '--') then {{ clean(text) }} end{% endmacro %}
{% macro console_number(text) %}case when {{ matches(clean(text), '^[+-]?[0-9]{1,3}(,[0-9]{3})+([.][0-9]+)?$') }} then replace({{ clean(text) }}, ',', '') else {{ given(text) }} end{% endmacro %}

{# an id of a platform that numbers its things: digits only, without the tabs that keep them text; 0 is none #}
{% macro to_number_id(text) %}case when {{ matches(id_text(text), '^[1-9][0-9]*$') }} then {{ id_text(text) }} end{% endmacro %}
{% macro id_text(text) %}{{ clean('replace(' ~ text ~ ", chr(9), '')") }}{% endmacro %}
{% macro given_id(text) %}case when {{ id_text(text) }} not in ('-', '--', '0') then {{ id_text(text) }} end{% endmacro %}

{# the day of a report row, whose time may stand behind it: 2026-03-01, 2026-03-01 14:00:00, 2026-03-01 14:00 - 14:59 #}
{% macro to_report_date(text) %}case when {{ matches(clean(text), '^[0-9-]{10}([ T][0-9]{2}:[0-9]{2}(:[0-9]{2})?( ?- ?[0-9]{2}:[0-9]{2}(:[0-9]{2})?)?)?$') }} then {{ to_date('left(' ~ clean(text) ~ ', 10)') }} end{% endmacro %}

{# the hour it began, of a report by hour: from a column of its own, 14 or 2026-03-01 14:00 - 14:59, else from the day's time #}
{% macro to_report_hour(day_text, hour_text) %}case when {{ matches(clean(hour_text), '^[0-9]{1,2}$') }} then lpad({{ clean(hour_text) }}, 2, '0') || ':00' else nullif(substr(coalesce({{ given(hour_text) }}, {{ clean(day_text) }}), 12, 5), '') end{% endmacro %}

{# which of the parts a row names, as 1 and 0: of two rows the one that sorts first splits its total less #}
{% macro filled_parts(parts) %}{% for part in parts %}case when {{ part }} is null then '0' else '1' end{{ ' || ' if not loop.last }}{% endfor %}{% endmacro %}

{# a day, also where an export writes it as its midnight #}
{% macro midnight_to_date(text) %}{{ to_date(replace_all(clean(text), '[T ]00:00(:00([.]0+)?)?$', '')) }}{% endmacro %}

{# a word of a tool's list, however it is separated #}
{% macro plain_word(text) %}{{ replace_all('lower(' ~ clean(text) ~ ')', '[ _.:/-]+', '_') }}{% endmacro %}

{# arms whose people get nothing, so that the others can be compared with them #}
{% macro is_control_arm(arm) %}coalesce({{ plain_word(arm) }} in (select arm from {{ ref('control_arms') }}), false){% endmacro %}
