{#
    How incremental models stay equal to a full refresh: they compare the sets of load numbers of
    their source and of themselves, and judge again every key that a new or a gone load touches.
#}

{# true for the source rows whose key must be judged again; everything on a full refresh #}
{% macro is_touched(relation, key, column) %}
{%- if not is_incremental() -%} true
{%- else -%}
({{ key }} in (
        select {{ key }} from {{ relation }} where _load_no not in (select distinct _load_no from {{ this }})
    )
    or {{ key }} in (
        select {{ column }} from {{ this }} where _load_no not in (select distinct _load_no from {{ relation }})
    )
    or _load_no not in (select distinct _load_no from {{ this }}))
{%- endif -%}
{% endmacro %}

{# true for rows of a relation whose columns a look-up does not hold yet; see same_row about `not exists` #}
{% macro is_unknown(relation, columns) %}
{%- if not is_incremental() -%} true
{%- else -%} not exists (select 1 from {{ this }} as known where {{ same_row('known', relation, columns) }})
{%- endif -%}
{% endmacro %}

{# Joined columns. Postgres compares each row with each when a `not in` finds more than fits into its work_mem. #}
{% macro same_row(left, right, columns) %}{% for column in columns %}{{ left }}.{{ column }} = {{ right }}.{{ column }}{{ ' and ' if not loop.last }}{% endfor %}{% endmacro %}

{#
    True for the events of people whose timeline must be redone: they have an event that is new,
    changed, gone or moved to or from another person since this model was last built.
#}
{% macro is_changed_timeline(events) %}
{%- if not is_incremental() -%} true
{%- else -%}
timeline_key in (
        select coalesce(now.timeline_key, before.timeline_key)
        from {{ events }} as now
        full join {{ this }} as before on now.event_key = before.event_key and now.timeline_key = before.timeline_key
        where now.event_key is null or before.event_key is null or now.load_no <> before.load_no
            or now.event_amount is distinct from before.event_amount or now.occurred_at <> before.occurred_at
            or now.record_key <> before.record_key or now.sales_channel_key <> before.sales_channel_key
            or now.order_key is distinct from before.order_key or now.event_type <> before.event_type
    )
{%- endif -%}
{% endmacro %}

{# post-hook: events that are gone or belong to another person now #}
{% macro forget_moved_events(events, people) %}
    {{ return(delete_rows(
        'not exists (select 1 from ' ~ events ~ ' as events left join ' ~ people ~ ' as people on events.record_key = people.record_key'
        ~ ' where events.event_key = ' ~ this.identifier ~ '.event_key'
        ~ ' and coalesce(people.user_key, events.event_key) = ' ~ this.identifier ~ '.timeline_key)'
    )) }}
{% endmacro %}

{# true for the rows of people whose timeline was redone in another run than the one stored here #}
{% macro is_newer_run(timeline) %}
{%- if not is_incremental() -%} true
{%- else -%}
timeline_key in (
        select now.timeline_key from (select distinct timeline_key, _run_id from {{ timeline }}) as now
        left join (select distinct timeline_key, _run_id from {{ this }}) as before
            on now.timeline_key = before.timeline_key and now._run_id = before._run_id
        where before.timeline_key is null
    )
{%- endif -%}
{% endmacro %}

{# post-hook: rows of another run than the timeline's #}
{% macro forget_older_runs(timeline) %}
    {{ return(delete_rows(
        'not exists (select 1 from ' ~ timeline ~ ' as timeline where ' ~ same_row('timeline', this.identifier, ['timeline_key', '_run_id']) ~ ')'
    )) }}
{% endmacro %}

{# post-hook: rows of loads that are no longer delivered go #}
{% macro forget_gone_loads(relation) %}
    {{ return(delete_rows('_load_no not in (select distinct _load_no from ' ~ relation ~ ')')) }}
{% endmacro %}

{#
    dbt's own macro, extended: an incremental model is also rebuilt in full when its SQL, a seed or
    model it reads, a declared column or a var has changed since it was last built.
    A seed is when its columns have.
#}
{% macro should_full_refresh() %}
    {% set asked = config.get('full_refresh') if config.get('full_refresh') is not none else flags.FULL_REFRESH %}
    {% if execute and not asked and model.resource_type == 'seed' and load_cached_relation(this) %}
        {% set had = adapter.get_columns_in_relation(this) | map(attribute='name') | list %}
        {{ return(had != load_agate_table().column_names | list) }}
    {% endif %}
    {% if asked or not execute or model.config.materialized not in ['incremental', 'identity_graph'] %}{{ return(asked) }}{% endif %}
    {% set found = known_fingerprint() %}
    {{ return(found is not none and found != fingerprint()) }}
{% endmacro %}

{# what the model was last built from; null when that is not known #}
{% macro known_fingerprint() %}{{ return(adapter.dispatch('known_fingerprint')()) }}{% endmacro %}
{% macro default__known_fingerprint() %}
    {% set known = adapter.get_relation(target.database, 'intermediate', 'build_fingerprints') %}
    {% if known is none %}{{ return(none) }}{% endif %}
    {% set found = run_query("select fingerprint from " ~ known ~ " where model_name = '" ~ model.name ~ "'") %}
    {{ return(found[0][0] if found | length else none) }}
{% endmacro %}
{# on Spark a property of the table tells #}
{% macro spark__known_fingerprint() %}
    {% if load_cached_relation(this) is none %}{{ return(none) }}{% endif %}
    {{ return(run_query('show tblproperties ' ~ this ~ " ('omniloop.fingerprint')")[0][1]) }}
{% endmacro %}

{% macro fingerprint() %}
    {% set ids = [model.unique_id] %}
    {% set parts = [] %}
    {% for id in ids %}
        {% set node = graph.nodes.get(id) or graph.sources.get(id) %}
        {% do parts.append(node.checksum.checksum if node.checksum else node.columns | string) %}
        {% for parent in node.get('depends_on', {}).get('nodes', []) if parent not in ids %}
            {% do ids.append(parent) %}
        {% endfor %}
    {% endfor %}
    {% for name in ['reporting_time_zone', 'reporting_currency', 'source_schemas'] %}
        {% do parts.append(var(name) | string) %}
    {% endfor %}
    {# another secret makes other keys #}
    {% do parts.append(run_query('select ' ~ keyed_hash("'fingerprint'"))[0][0]) %}
    {{ return(local_md5(parts | sort | join('|'))) }}
{% endmacro %}

{# post-hook of every incremental model #}
{% macro remember_fingerprint() %}
    {% if model.config.materialized in ['incremental', 'identity_graph'] and execute %}{{ return(adapter.dispatch('remember_fingerprint')()) }}{% endif %}
{% endmacro %}
{% macro default__remember_fingerprint() %}
    {% set table = target.database ~ '.intermediate.build_fingerprints' %}
    {% do run_query("delete from " ~ table ~ " where model_name = '" ~ model.name ~ "'") %}
    insert into {{ table }} values ('{{ model.name }}', '{{ fingerprint() }}')
{% endmacro %}
{% macro spark__remember_fingerprint() %}alter table {{ this }} set tblproperties ('omniloop.fingerprint' = '{{ fingerprint() }}'){% endmacro %}
