{# Audiences: the words in their cells, who is held out, and contacts as each destination wants them. #}

{# a raw phone or e-mail in the words of seeds/destination_rules.csv #}
{% macro normal_contact(value, normalisation) %}
case {{ normalisation }}
        when 'lower_trim' then {{ small_letters(value) }}
        when 'gmail_dots' then {{ plain_gmail(small_letters(value)) }}
        when 'no_tag' then {{ replace_all(small_letters(value), '[+][^@]*@', '@') }}
        when 'e164' then '+' || {{ country_digits(value) }}
        when 'digits_with_country' then {{ country_digits(value) }}
    end
{%- endmacro %}

{% macro small_letters(value) %}lower(trim({{ value }})){% endmacro %}
{% macro country_digits(value) %}{{ replace_all(replace_all(value, '[^0-9]', ''), '^0+', '') }}{% endmacro %}

{# Google delivers to one box whatever dots stand in the name and whatever follows a plus; other hosts do not #}
{% macro plain_gmail(email) %}
case
            when split_part({{ email }}, '@', 2) in ('gmail.com', 'googlemail.com')
                then replace(split_part(split_part({{ email }}, '@', 1), '+', 1), '.', '') || '@' || split_part({{ email }}, '@', 2)
            else {{ email }}
        end
{%- endmacro %}

{# small hexadecimal, as every destination wants it, or the text itself #}
{% macro hashed_contact(text, hash) %}case {{ hash }} when 'sha256' then {{ sha256_hex(text) }} when 'md5' then md5({{ text }}) when 'none' then {{ text }} end{% endmacro %}
{% macro sha256_hex(text) %}{{ return(adapter.dispatch('sha256_hex')(text)) }}{% endmacro %}
{% macro default__sha256_hex(text) %}sha256({{ text }}){% endmacro %}
{% macro postgres__sha256_hex(text) %}encode(sha256(convert_to({{ text }}, 'UTF8')), 'hex'){% endmacro %}
{% macro spark__sha256_hex(text) %}sha2({{ text }}, 256){% endmacro %}

{# text that a spreadsheet takes for a formula begins with a quote, which it does not show #}
{% macro csv_safe(text) %}case when {{ matches(text, '^[=+@\\t\\r\\n＝＋－＠-]') }} then '''' || {{ text }} else {{ text }} end{% endmacro %}

{# a number below `buckets` that hangs on the text alone: the same on every engine, on every run #}
{% macro hash_bucket(text, buckets) %}mod({{ node_id('md5(' ~ text ~ ')') }}, {{ buckets }}){% endmacro %}
{# cells that hold several words, separated by semicolons #}
{% macro words_in(cell) %}coalesce(length({{ cell }}) - length(replace({{ cell }}, ';', '')) + 1, 0){% endmacro %}
{% macro has_word(cell, word) %}position(';' || {{ word }} || ';' in ';' || {{ cell }} || ';') > 0{% endmacro %}
