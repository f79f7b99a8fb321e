{#
    Reasons why a delivered row cannot be accepted, as `column:rule`. Each macro is a list of case
    expressions for concat_ws(';', ...), which skips nulls: '' means the row is clean.
#}

{% macro when_missing(column, typed) %}case when {{ typed }} is null then '{{ column }}:missing' end{% endmacro %}

{# a delivered time that could not be read, says no offset, or lies after its own delivery #}
{% macro when_not_utc(column, typed) %}
case
        when {{ clean(column) }} is null then null
        when {{ typed }} > _loaded_at then '{{ column }}:in_future'
        when {{ typed }} < timestamp '2000-01-01 00:00:00' then '{{ column }}:before_2000'
        when {{ typed }} is null and {{ matches(clean(column), '^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.]+$') }} then '{{ column }}:no_utc_offset'
        when {{ typed }} is null then '{{ column }}:not_a_timestamp'
    end
{%- endmacro %}

{# a delivered epoch: too many digits for its unit, after its own delivery, or a clock at zero #}
{% macro when_not_epoch(column, number, typed, unit) %}
case
        when {{ number }} is not null and {{ typed }} is null then '{{ column }}:not_{{ unit }}'
        when {{ typed }} > _loaded_at then '{{ column }}:in_future'
        when {{ typed }} < timestamp '2000-01-01 00:00:00' then '{{ column }}:before_2000'
    end
{%- endmacro %}

{# the same for wall clocks and times that may be written in more than one way; `text` is what was read, where that is not the column as it is #}
{% macro when_not_time(column, typed, text=none) %}
case
        when {{ text or clean(column) }} is null then null
        when {{ typed }} is null then '{{ column }}:not_a_timestamp'
        when {{ typed }} > _loaded_at then '{{ column }}:in_future'
        when {{ typed }} < timestamp '2000-01-01 00:00:00' then '{{ column }}:before_2000'
    end
{%- endmacro %}

{% macro when_not_date(column, typed) %}
case
        when {{ clean(column) }} is null then null
        when {{ typed }} is null then '{{ column }}:not_a_date'
        when {{ typed }} > {{ business_date('_loaded_at') }} then '{{ column }}:in_future'
    end
{%- endmacro %}

{# a delivered number that could not be read, or has more than four decimals; `text` as above #}
{% macro when_not_number(column, typed, text=none) %}
case
        when {{ text or clean(column) }} is null or {{ typed }} is not null then null
        when {{ matches(text or clean(column), '^[+-]?[0-9]+[.][0-9]{5,}$') }} then '{{ column }}:more_than_4_decimals'
        else '{{ column }}:not_a_number'
    end
{%- endmacro %}

{# the same for numbers as consoles write them, where a dash is no value #}
{% macro when_not_console_number(column, typed) %}
case
        when {{ given(column) }} is null or {{ typed }} is not null then null
        when {{ matches(console_number(column), '^[+-]?[0-9]+[.][0-9]{7,}$') }} then '{{ column }}:more_than_6_decimals'
        else '{{ column }}:not_a_number'
    end
{%- endmacro %}

{# 分 are whole: a cost with decimals was written in another unit #}
{% macro when_not_fen(column, typed, text=none) %}
case
        when {{ text or clean(column) }} is null or {{ typed }} is not null then null
        when {{ matches(text or clean(column), '^[+-]?[0-9]+[.][0-9]+$') }} then '{{ column }}:not_whole_fen'
        else '{{ column }}:not_a_number'
    end
{%- endmacro %}

{# ids, days and hours of ad reports; a spreadsheet makes 1.7E+15 of an id, a total line has none #}
{% macro when_not_id(column, typed) %}case when {{ typed }} is null and {{ given_id(column) }} is not null then '{{ column }}:not_an_id' end{% endmacro %}
{% macro when_not_report_day(column, given_text, typed) %}
case
        when {{ given_text }} is null then '{{ column }}:missing'
        when {{ typed }} is null then '{{ column }}:not_a_date'
        when {{ typed }} > {{ add_days('_loaded_at', 1) }} then '{{ column }}:in_future'
        when {{ typed }} < date '2000-01-01' then '{{ column }}:before_2000'
    end
{%- endmacro %}
{% macro when_not_hour(column, hour_text) %}case when {{ given(column) }} is not null and not {{ matches("coalesce(" ~ hour_text ~ ", '')", '^([01][0-9]|2[0-3]):[0-9]{2}$') }} then '{{ column }}:not_an_hour' end{% endmacro %}

{# a split whose rows tell of one and the same money more than once #}
{% macro when_not_additive(column) %}case when {{ given(column) }} is not null then '{{ column }}:not_additive' end{% endmacro %}

{# a row that is split less than others of its file holds their sum; of several files the least split rows count #}
{% macro when_subtotal(day_id) %}case when split_by < max(split_by) over (partition by {{ day_id }}, _load_no) then 'record:subtotal' end{% endmacro %}
{% macro is_split_more(day_id) %}case when split_by > min(case when reject_reasons = '' then split_by end) over (partition by {{ day_id }}) then 1 else 0 end{% endmacro %}

{% macro when_negative(column, typed) %}case when {{ typed }} < 0 then '{{ column }}:negative' end{% endmacro %}

{# currencies that can be converted: the reporting currency and those with a rate #}
{% macro when_unknown_currency(column, typed) %}
case when {{ typed }} is not null and {{ typed }} <> '{{ var('reporting_currency') }}' and {{ typed }} not in (
        select from_currency from {{ ref('exchange_rates') }} where to_currency = '{{ var('reporting_currency') }}'
    ) then '{{ column }}:unknown' end
{%- endmacro %}

{# the first load with a clean copy of a key, or with one that told the same value; rows that are not clean have none #}
{% macro first_clean_load(key, value=none) %}case when reject_reasons = '' then min(_load_no) over (partition by {{ key }}, reject_reasons = ''{{ ', ' ~ value if value }}) end{% endmacro %}

{# accepted: the newest clean copy of a key; superseded: its older copies; rejected: has reasons #}
{% macro row_status() %}case when reject_reasons <> '' then 'rejected' when copy_no > 1 then 'superseded' else 'accepted' end{% endmacro %}
