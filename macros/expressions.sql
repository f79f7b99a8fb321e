{#
    Expressions that read the same on every engine. Each is one expression, never a query;
    the default is DuckDB's, and where an engine differs its version stands below.
#}

{# null instead of an error when the text is not a valid value of the type #}
{% macro try_to(text, type) %}{{ return(adapter.dispatch('try_to')(text, type)) }}{% endmacro %}
{% macro default__try_to(text, type) %}try_cast({{ text }} as {{ type }}){% endmacro %}
{% macro postgres__try_to(text, type) %}case when pg_input_is_valid({{ text }}, '{{ type }}') then cast({{ text }} as {{ type }}) end{% endmacro %}

{% macro matches(text, pattern) %}{{ return(adapter.dispatch('matches')(text, pattern)) }}{% endmacro %}
{% macro default__matches(text, pattern) %}regexp_matches({{ text }}, '{{ pattern }}'){% endmacro %}
{% macro postgres__matches(text, pattern) %}({{ text }} ~ '{{ pattern }}'){% endmacro %}
{% macro spark__matches(text, pattern) %}({{ text }} rlike r'{{ pattern }}'){% endmacro %}

{# the same with the pattern in a column, for lists of rules #}
{% macro matches_rule(text, column) %}{{ return(adapter.dispatch('matches_rule')(text, column)) }}{% endmacro %}
{% macro default__matches_rule(text, column) %}regexp_matches({{ text }}, {{ column }}){% endmacro %}
{% macro postgres__matches_rule(text, column) %}({{ text }} ~ {{ column }}){% endmacro %}
{% macro spark__matches_rule(text, column) %}({{ text }} rlike {{ column }}){% endmacro %}

{% macro replace_all(text, pattern, replacement) %}{{ return(adapter.dispatch('replace_all')(text, pattern, replacement)) }}{% endmacro %}
{% macro default__replace_all(text, pattern, replacement) %}regexp_replace({{ text }}, '{{ pattern }}', '{{ replacement }}', 'g'){% endmacro %}
{% macro spark__replace_all(text, pattern, replacement) %}regexp_replace({{ text }}, r'{{ pattern }}', '{{ replacement }}'){% endmacro %}

{# what the first group of a pattern matched; null when nothing did #}
{% macro first_group(text, pattern) %}{{ return(adapter.dispatch('first_group')(text, pattern)) }}{% endmacro %}
{% macro default__first_group(text, pattern) %}nullif(regexp_extract({{ text }}, '{{ pattern }}', 1), ''){% endmacro %}
{% macro postgres__first_group(text, pattern) %}substring({{ text }} from '{{ pattern }}'){% endmacro %}
{% macro spark__first_group(text, pattern) %}nullif(regexp_extract({{ text }}, r'{{ pattern }}', 1), ''){% endmacro %}

{# an id or word as delivered, without blanks around it; empty is null #}
{% macro clean(text) %}nullif(trim({{ text }}), ''){% endmacro %}

{# exact decimals only: no exponent, no thousands separator, no NaN, at most four decimals #}
{% macro to_decimal(text) %}case when {{ matches(clean(text), '^[+-]?[0-9]{1,13}([.][0-9]{1,4}0*)?$') }} then cast({{ clean(text) }} as decimal(18, 4)) end{% endmacro %}

{# what a machine counted: at most eighteen decimals, rounded to four or to as many as said #}
{% macro to_rounded(text, places=4) %}case when {{ matches(clean(text), '^[+-]?[0-9]{1,13}([.][0-9]{1,18})?$') }} then cast(round(cast({{ clean(text) }} as decimal(38, 18)), {{ places }}) as decimal({{ places + 14 }}, {{ places }})) end{% endmacro %}

{% macro to_integer(text) %}case when {{ matches(clean(text), '^[+-]?[0-9]{1,18}([.]0+)?$') }} then cast(cast({{ clean(text) }} as decimal(22, 2)) as bigint) end{% endmacro %}

{% macro to_boolean(text) %}coalesce(lower({{ clean(text) }}) in ('true', 't', '1', 'yes', 'y', '是'), false){% endmacro %}

{% macro to_date(text) %}case when {{ matches(clean(text), '^[0-9]{4}-[0-9]{2}-[0-9]{2}$') }} then {{ try_to(clean(text), 'date') }} end{% endmacro %}

{# an ISO time that says its own offset becomes UTC; without an offset it is null, never guessed #}
{% macro to_utc(text) %}case when {{ has_utc_offset(text) }} then {{ adapter.dispatch('iso_to_utc')(clean(text)) }} end{% endmacro %}
{% macro has_utc_offset(text) %}{{ matches(clean(text), '^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)? ?(Z|UTC|[+-][0-9]{2}(:?[0-9]{2})?)$') }}{% endmacro %}
{% macro default__iso_to_utc(text) %}({{ try_to("regexp_replace(replace(" ~ text ~ ", 'UTC', 'Z'), ' ([Z+-].*)$', '\\1')", 'timestamptz') }} at time zone 'UTC'){% endmacro %}
{% macro postgres__iso_to_utc(text) %}(({{ try_to(text, 'timestamptz') }}) at time zone 'UTC'){% endmacro %}
{% macro spark__iso_to_utc(text) %}try_cast(regexp_replace(replace({{ text }}, 'UTC', 'Z'), r' ([Z+-].*)$', '$1') as timestamp){% endmacro %}

{# a wall clock of a known zone becomes UTC #}
{% macro wall_clock_to_utc(text, zone) %}case when {{ matches(clean(text), '^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?$') }} then {{ adapter.dispatch('zone_to_utc')(try_to(clean(text), 'timestamp'), zone) }} end{% endmacro %}
{% macro default__zone_to_utc(wall_clock, zone) %}((({{ wall_clock }}) at time zone '{{ zone }}') at time zone 'UTC'){% endmacro %}
{% macro spark__zone_to_utc(wall_clock, zone) %}to_utc_timestamp({{ wall_clock }}, '{{ zone }}'){% endmacro %}

{% macro epoch_us_to_utc(us) %}{{ return(adapter.dispatch('epoch_us_to_utc')(us)) }}{% endmacro %}
{% macro default__epoch_us_to_utc(us) %}make_timestamp({{ us }}){% endmacro %}
{% macro postgres__epoch_us_to_utc(us) %}(timestamp '1970-01-01 00:00:00' + ({{ us }}) * interval '1 microsecond'){% endmacro %}
{% macro spark__epoch_us_to_utc(us) %}timestamp_micros({{ us }}){% endmacro %}

{# whole milliseconds since 1970 #}
{% macro epoch_ms(utc) %}{{ return(adapter.dispatch('epoch_ms')(utc)) }}{% endmacro %}
{% macro default__epoch_ms(utc) %}floor(extract(epoch from {{ utc }}) * 1000){% endmacro %}
{% macro spark__epoch_ms(utc) %}unix_millis({{ utc }}){% endmacro %}

{# epoch seconds or milliseconds; null when there are too many digits for the unit #}
{% macro epoch_s_to_utc(s) %}case when abs({{ s }}) < 100000000000 then {{ epoch_us_to_utc('(' ~ s ~ ') * 1000000') }} end{% endmacro %}
{% macro epoch_ms_to_utc(ms) %}case when abs({{ ms }}) < 100000000000000 then {{ epoch_us_to_utc('(' ~ ms ~ ') * 1000') }} end{% endmacro %}
{# a time as exports of many tools write it: with its offset, as seconds or milliseconds since 1970, or as a wall clock of the declared zone #}
{% macro any_time_to_utc(text, zone) %}coalesce({{ to_utc(text) }}, {{ wall_clock_to_utc(text, zone) }}, {{ epoch_us_to_utc(epoch_text_us(text)) }}){% endmacro %}
{% macro epoch_text_us(text) %}(case when {{ matches(clean(text), '^[0-9]{10}$') }} then cast({{ clean(text) }} as bigint) * 1000000 when {{ matches(clean(text), '^[0-9]{13}$') }} then cast({{ clean(text) }} as bigint) * 1000 end){% endmacro %}

{# the business day of a UTC time #}
{% macro business_date(utc) %}cast({{ adapter.dispatch('utc_to_zone')(utc, var('reporting_time_zone')) }} as date){% endmacro %}
{# the hour of the business day, 0 to 23 #}
{% macro business_hour(utc) %}cast(extract(hour from {{ adapter.dispatch('utc_to_zone')(utc, var('reporting_time_zone')) }}) as bigint){% endmacro %}
{% macro default__utc_to_zone(utc, zone) %}(({{ utc }} at time zone 'UTC') at time zone '{{ zone }}'){% endmacro %}
{% macro spark__utc_to_zone(utc, zone) %}from_utc_timestamp({{ utc }}, '{{ zone }}'){% endmacro %}

{% macro seconds_between(earlier, later) %}{{ return(adapter.dispatch('seconds_between')(earlier, later)) }}{% endmacro %}
{% macro default__seconds_between(earlier, later) %}cast((epoch_us({{ later }}) - epoch_us({{ earlier }})) // 1000000 as bigint){% endmacro %}
{% macro postgres__seconds_between(earlier, later) %}cast(floor(extract(epoch from {{ later }}) - extract(epoch from {{ earlier }})) as bigint){% endmacro %}
{% macro spark__seconds_between(earlier, later) %}((unix_micros({{ later }}) - unix_micros({{ earlier }})) div 1000000){% endmacro %}

{% macro days_between(earlier, later) %}{{ return(adapter.dispatch('days_between')(earlier, later)) }}{% endmacro %}
{% macro default__days_between(earlier, later) %}cast({{ dbt.datediff(earlier, later, 'day') }} as bigint){% endmacro %}
{% macro spark__days_between(earlier, later) %}cast(datediff({{ later }}, {{ earlier }}) as bigint){% endmacro %}
{% macro add_days(day, days) %}{{ return(adapter.dispatch('add_days')(day, days)) }}{% endmacro %}
{% macro default__add_days(day, days) %}cast({{ dbt.dateadd('day', days, day) }} as date){% endmacro %}
{% macro spark__add_days(day, days) %}date_add(cast({{ day }} as date), cast({{ days }} as int)){% endmacro %}
{% macro add_years(day, years) %}{{ add_months(day, '12 * (' ~ years ~ ')') }}{% endmacro %}
{% macro add_seconds(utc, seconds) %}(({{ utc }}) + ({{ seconds }}) * interval '1 second'){% endmacro %}
{# whether a moment lies in a stretch from valid_from_at to before valid_to_at; null = open, and a record that tells no time is the oldest #}
{% macro is_within(utc, stretch) %}coalesce({{ utc }}, timestamp '1970-01-01 00:00:00') >= coalesce({{ stretch }}.valid_from_at, timestamp '1970-01-01 00:00:00') and coalesce({{ utc }}, timestamp '1970-01-01 00:00:00') < coalesce({{ stretch }}.valid_to_at, timestamp '9999-12-31 00:00:00'){% endmacro %}
{% macro month_start(day) %}cast({{ dbt.date_trunc('month', day) }} as date){% endmacro %}

{# money is rounded half up, away from zero, to the cent #}
{% macro to_cents(amount) %}cast(round({{ amount }}, 2) as decimal(18, 2)){% endmacro %}

{#
    A rate or mean with six decimals, half up; null where there is nothing to divide by, or less than a
    millionth. By way of twelve decimals, because DuckDB divides as double and would round 4.0384375 down.
#}
{% macro ratio(numerator, denominator) %}{{ return(adapter.dispatch('ratio')(numerator, denominator)) }}{% endmacro %}
{% macro default__ratio(numerator, denominator) %}cast(round(cast(cast({{ numerator }} as decimal(28, 9)) / case when abs({{ denominator }}) >= 0.000001 then cast({{ denominator }} as decimal(28, 9)) end as decimal(38, 12)), 6) as decimal(18, 6)){% endmacro %}

{# Spark's decimals would keep ten #}
{% macro spark__ratio(numerator, denominator) %}cast(round(cast(cast(cast({{ numerator }} as decimal(28, 9)) as double) / case when abs(cast({{ denominator }} as decimal(28, 9))) >= 0.000001 then cast(cast({{ denominator }} as decimal(28, 9)) as double) end as decimal(38, 12)), 6) as decimal(18, 6)){% endmacro %}

{# the key of a thing in our tables: a hash of what makes it unique #}
{% macro key_of(parts) %}md5(concat_ws('|', {% for part in parts %}coalesce(cast({{ part }} as {{ dbt.type_string() }}), ''){{ ', ' if not loop.last }}{% endfor %})){% endmacro %}

{# HMAC-SHA256 with the secret of the environment, which never appears in SQL or logs; see DECISIONS.md #}
{% macro keyed_hash(text) %}{{ return(adapter.dispatch('keyed_hash')(text)) }}{% endmacro %}
{% macro default__keyed_hash(text) %}sha256(unhex(getvariable('hmac_outer')) || unhex(sha256(unhex(getvariable('hmac_inner')) || encode({{ text }})))){% endmacro %}
{% macro postgres__keyed_hash(text) %}encode(sha256(decode(current_setting('omniloop.hmac_outer'), 'hex') || sha256(decode(current_setting('omniloop.hmac_inner'), 'hex') || convert_to({{ text }}, 'UTF8'))), 'hex'){% endmacro %}
{# the secret stands in the environment of Spark's processes, and only its name in SQL, plans and event log #}
{% macro spark__keyed_hash(text) %}lower(hex(hmac(coalesce(nullif(reflect('java.lang.System', 'getenv', 'DBT_ENV_SECRET_OMNILOOP'), 'null'), cast(raise_error('DBT_ENV_SECRET_OMNILOOP is not set where Spark runs: set it for its driver and executors') as string)), {{ text }}))){% endmacro %}

{# the first 60 bits of a hexadecimal key, as an integer #}
{% macro node_id(key) %}{{ return(adapter.dispatch('node_id')(key)) }}{% endmacro %}
{% macro default__node_id(key) %}cast('0x' || left({{ key }}, 15) as bigint){% endmacro %}
{% macro postgres__node_id(key) %}cast(cast('x0' || left({{ key }}, 15) as bit(64)) as bigint){% endmacro %}
{% macro spark__node_id(key) %}cast(conv(left({{ key }}, 15), 16, 10) as bigint){% endmacro %}

{# a day given by a person in a var; null when not given #}
{% macro var_date(name) %}{{ "cast('" ~ var(name) ~ "' as date)" if var(name) else 'cast(null as date)' }}{% endmacro %}

{# whole quotients of non-negative integers #}
{% macro floor_div(a, b) %}{{ return(adapter.dispatch('floor_div')(a, b)) }}{% endmacro %}
{% macro default__floor_div(a, b) %}(({{ a }}) // ({{ b }})){% endmacro %}
{% macro postgres__floor_div(a, b) %}(({{ a }}) / ({{ b }})){% endmacro %}
{% macro spark__floor_div(a, b) %}(({{ a }}) div ({{ b }})){% endmacro %}
{% macro ceil_div(a, b) %}{{ floor_div('(' ~ a ~ ') + (' ~ b ~ ') - 1', b) }}{% endmacro %}

{# cents of a total that fall on the first `weight` of `weight_sum`: differences of these conserve the total #}
{% macro cents_share(total_cents, weight, weight_sum) %}{{ return(adapter.dispatch('cents_share')(total_cents, weight, weight_sum)) }}{% endmacro %}
{% macro default__cents_share(total_cents, weight, weight_sum) %}cast((2 * cast({{ total_cents }} as hugeint) * ({{ weight }}) + ({{ weight_sum }})) // (2 * nullif({{ weight_sum }}, 0)) as bigint){% endmacro %}
{% macro postgres__cents_share(total_cents, weight, weight_sum) %}cast(div(2 * cast({{ total_cents }} as numeric) * ({{ weight }}) + ({{ weight_sum }}), 2 * nullif({{ weight_sum }}, 0)) as bigint){% endmacro %}
{% macro spark__cents_share(total_cents, weight, weight_sum) %}cast((2 * cast({{ total_cents }} as decimal(19, 0)) * ({{ weight }}) + ({{ weight_sum }})) div (2 * nullif({{ weight_sum }}, 0)) as bigint){% endmacro %}
{% macro cents(amount) %}cast(round(({{ amount }}) * 100, 0) as bigint){% endmacro %}
