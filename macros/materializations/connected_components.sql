{#
    Connected components of an undirected graph. The model's SELECT gives edges `node_a bigint,
    node_b bigint`, loops and duplicates welcome. The table has one row per node, `node_id bigint,
    component_id bigint` = the smallest node_id of its component: a function of the set of edges only.

    Randomised contraction: in each round every node points to whichever of itself and its neighbours
    comes first in a pseudo-random order; nodes that point to the same one become that one. Half the
    nodes go per round whatever the shape: a chain of a million nodes takes 21 rounds.

    Round i orders the nodes by a_i * v mod p: a bijection on 1..p-1, so there are no ties; the inverse
    of a_i turns the smallest a_i * v back into v. a_i is a fixed Lehmer sequence, so every build takes
    the same rounds. Nodes are numbered densely from 1: 2^31 - 2 nodes fit, and products fit a bigint.
#}
{% materialization connected_components, default %}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set intermediate = make_intermediate_relation(target_relation) -%}
    {%- set backup = make_backup_relation(target_relation, existing.type if existing else 'table') -%}
    {{ drop_relation_if_exists(load_cached_relation(intermediate)) }}
    {{ drop_relation_if_exists(load_cached_relation(backup)) }}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {#- Temporary tables carry the model's name, so two graphs never meet on one connection. -#}
    {%- set t = this.identifier ~ '__graph' -%}
    {%- set labels = contract_graph(t, sql) -%}
    {% call statement('main') -%}
        {{ get_create_table_as_sql(False, intermediate, select_components(t, labels)) }}
    {%- endcall %}
    {%- do drop_temporary_tables([t ~ '_nodes', labels]) -%}

    {#- The swap of dbt's own table materialization. -#}
    {% if existing %}{{ adapter.rename_relation(existing, backup) }}{% endif %}
    {{ adapter.rename_relation(intermediate, target_relation) }}
    {% do create_indexes(target_relation) %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do apply_grants(target_relation, config.get('grants'), should_revoke(existing, true)) %}
    {% do persist_docs(target_relation, model) %}
    {{ adapter.commit() }}
    {{ drop_relation_if_exists(backup) }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{# Fills temporary tables from the edges; returns the one that says which node each node became. #}
{% macro contract_graph(t, edges_sql) %}
    {%- call temporary_table(t ~ '_pairs') %}{{ edges_sql }}{% endcall -%}
    {%- call temporary_table(t ~ '_nodes') %}
        select node_id, row_number() over (order by node_id) as v
        from (select node_a as node_id from {{ t }}_pairs union select node_b from {{ t }}_pairs) as ends
        where node_id is not null
    {% endcall -%}
    {%- call temporary_table(t ~ '_0') %}
        select a.v, b.v as w
        from {{ t }}_pairs as pairs
        inner join {{ t }}_nodes as a on pairs.node_a = a.node_id
        inner join {{ t }}_nodes as b on pairs.node_b = b.node_id
        where a.v <> b.v
    {% endcall -%}
    {%- do drop_temporary_tables([t ~ '_pairs']) -%}

    {#- Down: label_i says which node each node of round i became, table i has the links left after it. -#}
    {%- set p = 2147483647 -%}
    {%- set now = namespace(rounds=0, links=1, a=399268537, inverse=1345004508) -%}
    {%- for i in range(1, 41) if now.links -%}
        {%- call temporary_table(t ~ '_label_' ~ i) %}
            select v, mod({{ now.inverse }} * least(
                mod({{ now.a }} * v, {{ p }}), min(mod({{ now.a }} * w, {{ p }}))), {{ p }}) as label
            from (select v, w from {{ t }}_{{ i - 1 }} union all select w, v from {{ t }}_{{ i - 1 }}) as links
            group by v
        {% endcall -%}
        {%- call temporary_table(t ~ '_' ~ i) %}
            select distinct least(a.label, b.label) as v, greatest(a.label, b.label) as w
            from {{ t }}_{{ i - 1 }} as links
            inner join {{ t }}_label_{{ i }} as a on links.v = a.v
            inner join {{ t }}_label_{{ i }} as b on links.w = b.v
            where a.label <> b.label
        {% endcall -%}
        {%- do drop_temporary_tables([t ~ '_' ~ (i - 1)]) -%}
        {%- set now.rounds, now.links = i, run_query('select count(*) from ' ~ t ~ '_' ~ i)[0][0] -%}
        {%- set now.a, now.inverse = now.a * 16807 % p, now.inverse * 1407677000 % p -%}
    {%- endfor -%}
    {%- if now.links -%}{{ exceptions.raise_compiler_error(t ~ ': links are left after 40 rounds') }}{%- endif -%}
    {%- do drop_temporary_tables([t ~ '_' ~ now.rounds]) -%}
    {%- do log(t ~ ': contracted in ' ~ now.rounds ~ ' rounds', info=false) -%}

    {#- Up: a node is what the node it became is, as far as that one went on. -#}
    {%- set up = namespace(labels=t ~ '_label_' ~ now.rounds) -%}
    {%- for i in range(now.rounds - 1, 0, -1) -%}
        {%- call temporary_table(t ~ '_final_' ~ i) %}
            select below.v, coalesce(above.label, below.label) as label
            from {{ t }}_label_{{ i }} as below left join {{ up.labels }} as above on below.label = above.v
        {% endcall -%}
        {%- do drop_temporary_tables([up.labels, t ~ '_label_' ~ i]) -%}
        {%- set up.labels = t ~ '_final_' ~ i -%}
    {%- endfor -%}
    {{ return(up.labels) }}
{% endmacro %}

{# Every node with the smallest node of its component; a node that has only loops is its own. #}
{% macro select_components(t, labels) %}
    with labelled as (
        select nodes.node_id, coalesce(labels.label, nodes.v) as label
        from {{ t }}_nodes as nodes left join {{ labels }} as labels on nodes.v = labels.v
    )
    select node_id, min(node_id) over (partition by label) as component_id from labelled
{% endmacro %}
