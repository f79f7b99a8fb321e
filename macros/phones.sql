{# Phone numbers, and other names of people, as people and exports write them. Only quality `ok` may link records to a person. #}

{% macro phone_digits(text) %}{{ replace_all("translate(" ~ text ~ ", '０１２３４５６７８９＋－（）　', '0123456789+-() ')", '[ .()-]', '') }}{% endmacro %}

{# E.164: mainland mobiles with or without country code, other countries with their + or 00 #}
{% macro normal_phone(text) %}
case
        when {{ matches(phone_digits(text), '^(([+]|00)?86)?1[3-9][0-9]{9}$') }} then '+86' || right({{ phone_digits(text) }}, 11)
        when {{ matches(phone_digits(text), '^([+]|00)86') }} then null
        when {{ matches(phone_digits(text), '^([+]|00)[1-9][0-9]{6,14}$') }} then '+' || {{ replace_all(phone_digits(text), '^([+]|00)', '') }}
    end
{%- endmacro %}

{% macro phone_quality(text) %}
case
        when {{ clean(text) }} is null then null
        when {{ text }} like '%*%' then 'masked'
        when {{ matches(clean(text), '^[0-9.]+[eE][+]?[0-9]+$') }} then 'scientific'
        when {{ matches(text, '转|[,#]|ext') }} then 'virtual'
        when {{ normal_phone(text) }} is null then 'invalid'
        when {{ normal_phone(text) }} in (select identifier_value from {{ ref('blocked_identifiers') }} where identifier_type = 'phone') then 'placeholder'
        else 'ok'
    end
{%- endmacro %}

{# lower case, only when it is shaped like an address #}
{% macro normal_email(text) %}case when {{ matches('lower(trim(' ~ text ~ '))', '^[^@ ]+@[^@ ]+[.][^@ ]+$') }} then lower(trim({{ text }})) end{% endmacro %}

{# a member name of Tmall: blanks and case are how exports write it; a masked one (t**5) is nobody's #}
{% macro normal_nick(text) %}case when {{ unquoted(text) }} not like '%*%' then nullif(lower(translate({{ unquoted(text) }}, ' 　', '')), '') end{% endmacro %}
