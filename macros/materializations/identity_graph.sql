{#
    People as parts of a graph of identifiers. The model's SELECT gives edges: `node_a, node_b`
    bigint, and what orders them from strong to weak: `priority, observation_count, first_at`; loops
    are welcome, a pair stands once. config(exclusives=...) names a model of `graph_node, class_no`:
    a person holds at most one node of each class. The table has one row per linked node:
    `node_id`, `component_id` (smallest node connected to it) and `person_node` (smallest node of its
    person). Both are functions of the sets of edges and exclusives alone.

    1. Connected components by randomised contraction (contract_graph).
    2. In components with two nodes of one class: Kruskal from the strongest edge down, refusing any
       edge that would join two of them, done as Boruvka's rounds from those nodes (grow_parts).
       Class by class: parts only shrink, so what one class has parted stays parted.

    A component depends on nothing outside it. So a later run does again only the components, as they
    were, that a new, gone or changed edge meets; the edges of the last run are kept beside the table.
#}
{% materialization identity_graph, default %}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set edges = this.incorporate(path={'identifier': this.identifier ~ '_edges'}, type='table') -%}
    {%- set known = load_cached_relation(edges) -%}
    {%- set t = temporary_prefix() -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- call temporary_table(t ~ '_pairs') %}{{ sql }}{% endcall -%}
    {%- if existing and known and not should_full_refresh() -%}
        {% do redo_components(t, target_relation, edges) %}
    {%- else -%}
        {% do build_components(t, target_relation, edges, existing) %}
    {%- endif -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do apply_grants(target_relation, config.get('grants'), should_revoke(existing, true)) %}
    {% do persist_docs(target_relation, model) %}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{# Everything anew, put in the place of what was there. #}
{% macro build_components(t, target_relation, edges, existing) %}
    {%- do find_people(t) -%}
    {%- for relation in [existing, edges] if relation -%}{%- do change(get_drop_sql(relation)) -%}{%- endfor -%}
    {%- do change('create table ' ~ edges ~ ' as select * from ' ~ t ~ '_pairs') -%}
    {%- call statement('main') %}create table {{ target_relation }} as select * from {{ t }}_people{% endcall -%}
    {%- do drop_temporary_tables([t ~ '_pairs', t ~ '_people']) -%}
{% endmacro %}

{# The components, as they were, of every edge that is new, gone or changed. #}
{% macro redo_components(t, target_relation, edges) %}
    {%- call temporary_table(t ~ '_changes') %}
        select coalesce(now.node_a, before.node_a) as node_a, coalesce(now.node_b, before.node_b) as node_b
        from {{ t }}_pairs as now
        full join {{ edges }} as before on now.node_a = before.node_a and now.node_b = before.node_b
        where now.node_a is null or before.node_a is null or now.priority <> before.priority
            or now.observation_count <> before.observation_count or now.first_at is distinct from before.first_at
    {% endcall -%}
    {%- call temporary_table(t ~ '_met') %}
        select node_a as node_id from {{ t }}_changes union select node_b from {{ t }}_changes
    {% endcall -%}
    {%- call temporary_table(t ~ '_redone') %}
        select node_id from {{ t }}_met
        union
        select node_id from {{ target_relation }} where component_id in (
            select component_id from {{ target_relation }} where node_id in (select node_id from {{ t }}_met)
        )
    {% endcall -%}
    {%- call temporary_table(t ~ '_all') %}select * from {{ t }}_pairs{% endcall -%}
    {%- call temporary_table(t ~ '_pairs') %}
        select * from {{ t }}_all where node_a in (select node_id from {{ t }}_redone)
    {% endcall -%}
    {%- do find_people(t) -%}
    {{ put_back(t, target_relation, edges) }}
    {%- do drop_temporary_tables([t ~ '_pairs', t ~ '_people', t ~ '_all', t ~ '_changes', t ~ '_met', t ~ '_redone']) -%}
{% endmacro %}

{# What was redone takes the place of what it was made from: in the table, and in the edges beside it. #}
{% macro put_back(t, target_relation, edges) %}{{ return(adapter.dispatch('put_back')(t, target_relation, edges)) }}{% endmacro %}
{% macro default__put_back(t, target_relation, edges) %}
    {%- for statement in [
        'delete from ' ~ edges ~ ' where (node_a, node_b) in (select node_a, node_b from ' ~ t ~ '_changes)',
        'insert into ' ~ edges ~ ' select * from ' ~ t ~ '_pairs where (node_a, node_b) in (select node_a, node_b from ' ~ t ~ '_changes)',
        'delete from ' ~ target_relation ~ ' where node_id in (select node_id from ' ~ t ~ '_redone)',
    ] -%}{%- do change(statement) -%}{%- endfor -%}
    {%- call statement('main') %}insert into {{ target_relation }} select * from {{ t }}_people{% endcall -%}
{% endmacro %}
{# a run that ends between the two does the same again #}
{% macro spark__put_back(t, target_relation, edges) %}
    {%- do write_anew(target_relation,
        'select * from ' ~ target_relation ~ ' where node_id not in (select node_id from ' ~ t ~ '_redone) union all select * from ' ~ t ~ '_people'
    ) -%}
    {%- do write_anew(edges, 'select * from ' ~ t ~ '_all') -%}
    {%- call statement('main') %}select 1{% endcall -%}
{% endmacro %}

{# One statement of the transaction in which the tables change; the first begins it. #}
{% macro change(sql) %}{%- call statement('change') %}{{ sql }}{% endcall -%}{% endmacro %}

{# Fills `_people` from `_pairs`. #}
{% macro find_people(t) %}
    {%- set labels = contract_graph(t) -%}
    {%- call temporary_table(t ~ '_parts') %}
        with labelled as (
            select nodes.node_id, coalesce(labels.label, nodes.v) as label
            from {{ t }}_nodes as nodes left join {{ labels }} as labels on nodes.v = labels.v
        ),
        found as (
            select node_id, min(node_id) over (partition by label) as component_id from labelled
        )
        select node_id, component_id, component_id as part from found
    {% endcall -%}
    {%- do drop_temporary_tables([t ~ '_nodes', labels]) -%}
    {%- do cut_conflicts(t) -%}
    {%- call temporary_table(t ~ '_people') %}
        select node_id, component_id, min(node_id) over (partition by part) as person_node from {{ t }}_parts
    {% endcall -%}
    {%- do drop_temporary_tables([t ~ '_parts']) -%}
{% endmacro %}

{# Fills tables from the edges in `_pairs`; returns the one that says which node each node became.

   In each round every node points to whichever of itself and its neighbours comes first in a
   pseudo-random order; nodes that point to the same one become that one. Half the nodes go per round
   whatever the shape: a chain of a million nodes takes 21 rounds. Round i orders the nodes by
   a_i * v mod p: a bijection on 1..p-1, so there are no ties; the inverse of a_i turns the smallest
   a_i * v back into v. a_i is a fixed Lehmer sequence, so every build takes the same rounds. Nodes are
   numbered densely from 1: 2^31 - 2 nodes fit, and products fit a bigint. #}
{% macro contract_graph(t) %}
    {%- call temporary_table(t ~ '_nodes') %}
        select node_id, cast(row_number() over (order by node_id) as bigint) as v
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
        {%- set now.rounds, now.links = i, count_rows(t ~ '_' ~ i) -%}
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

{# Parts that hold several nodes of a class are cut, by their first such class, until none is left. #}
{% macro cut_conflicts(t) %}
    {%- set exclusives = ref(config.require('exclusives')) -%}
    {%- set now = namespace(conflicts=1) -%}
    {%- for i in range(1, 1000) if now.conflicts -%}
        {%- call temporary_table(t ~ '_conflicts') %}
            select part, min(class_no) as class_no
            from (
                select parts.part, exclusives.class_no
                from {{ t }}_parts as parts inner join {{ exclusives }} as exclusives on parts.node_id = exclusives.graph_node
                group by 1, 2 having count(*) > 1
            ) as classes
            group by 1
        {% endcall -%}
        {%- set now.conflicts = count_rows(t ~ '_conflicts') -%}
        {%- if now.conflicts -%}{%- do grow_parts(t, exclusives, i) -%}{%- endif -%}
    {%- endfor -%}
    {%- if now.conflicts -%}{{ exceptions.raise_compiler_error(t ~ ': a person holds several nodes of more than 1000 classes') }}{%- endif -%}
    {%- do drop_temporary_tables([t ~ '_conflicts']) -%}
{% endmacro %}

{# From the exclusive nodes of the conflicts parts grow, each along its strongest edge: a part without
   such a node joins the part at the other end, and of two that choose each other the larger joins the
   smaller. Edges are ranked without ties, so the only cycles are such pairs. #}
{% macro grow_parts(t, exclusives, pass_no) %}
    {%- call temporary_table(t ~ '_grown') %}
        select parts.node_id, parts.node_id as part
        from {{ t }}_parts as parts inner join {{ t }}_conflicts as conflicts on parts.part = conflicts.part
    {% endcall -%}
    {%- call temporary_table(t ~ '_seeds') %}
        select parts.node_id as part
        from {{ t }}_parts as parts
        inner join {{ t }}_conflicts as conflicts on parts.part = conflicts.part
        inner join {{ exclusives }} as exclusives on parts.node_id = exclusives.graph_node and conflicts.class_no = exclusives.class_no
    {% endcall -%}
    {%- call temporary_table(t ~ '_ranked') %}
        select pairs.node_a, pairs.node_b, row_number() over (
            order by pairs.priority, pairs.observation_count desc, pairs.first_at nulls last, pairs.node_a, pairs.node_b) as strength
        from {{ t }}_pairs as pairs
        inner join {{ t }}_parts as a on pairs.node_a = a.node_id
        inner join {{ t }}_parts as b on pairs.node_b = b.node_id and a.part = b.part
        inner join {{ t }}_conflicts as conflicts on a.part = conflicts.part
        where pairs.node_a <> pairs.node_b
    {% endcall -%}
    {%- call temporary_table(t ~ '_round_0') %}
        select node_a as x, node_b as y, strength from {{ t }}_ranked
        union all
        select node_b, node_a, strength from {{ t }}_ranked
    {% endcall -%}
    {%- set now = namespace(rounds=0, growing=1) -%}
    {%- for i in range(1, 61) if now.growing -%}
        {%- call temporary_table(t ~ '_parent') %}
            with choices as (
                select x, min(strength) as strength from {{ t }}_round_{{ i - 1 }}
                where x not in (select part from {{ t }}_seeds) group by x
            ),
            chosen as (
                select links.x, links.y
                from {{ t }}_round_{{ i - 1 }} as links
                inner join choices on links.x = choices.x and links.strength = choices.strength
            )
            select chosen.x, chosen.y as parent
            from chosen left join chosen as back on chosen.y = back.x and chosen.x = back.y
            where back.x is null or chosen.x > chosen.y
        {% endcall -%}
        {%- set now.growing = count_rows(t ~ '_parent') -%}
        {%- if now.growing -%}
            {%- set now.rounds = i -%}
            {%- do double_pointers(t) -%}
            {%- call temporary_table(t ~ '_moved') %}
                select grown.node_id, coalesce(parents.parent, grown.part) as part
                from {{ t }}_grown as grown left join {{ t }}_parent as parents on grown.part = parents.x
            {% endcall -%}
            {%- call temporary_table(t ~ '_round_' ~ i) %}
                select coalesce(a.parent, links.x) as x, coalesce(b.parent, links.y) as y, min(links.strength) as strength
                from {{ t }}_round_{{ i - 1 }} as links
                left join {{ t }}_parent as a on links.x = a.x
                left join {{ t }}_parent as b on links.y = b.x
                where coalesce(a.parent, links.x) <> coalesce(b.parent, links.y)
                    and not (
                        coalesce(a.parent, links.x) in (select part from {{ t }}_seeds)
                        and coalesce(b.parent, links.y) in (select part from {{ t }}_seeds)
                    )
                group by 1, 2
            {% endcall -%}
            {%- call temporary_table(t ~ '_grown') %}select * from {{ t }}_moved{% endcall -%}
            {%- do drop_temporary_tables([t ~ '_moved', t ~ '_round_' ~ (i - 1)]) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if now.growing -%}{{ exceptions.raise_compiler_error(t ~ ': parts still grow after 60 rounds') }}{%- endif -%}
    {%- do log(t ~ ': cut ' ~ pass_no ~ ' in ' ~ now.rounds ~ ' rounds', info=false) -%}
    {%- call temporary_table(t ~ '_moved') %}
        select parts.node_id, parts.component_id, coalesce(grown.part, parts.part) as part
        from {{ t }}_parts as parts left join {{ t }}_grown as grown on parts.node_id = grown.node_id
    {% endcall -%}
    {%- call temporary_table(t ~ '_parts') %}select * from {{ t }}_moved{% endcall -%}
    {%- do drop_temporary_tables([t ~ '_moved', t ~ '_grown', t ~ '_seeds', t ~ '_ranked', t ~ '_parent', t ~ '_round_' ~ now.rounds]) -%}
{% endmacro %}

{# Every part points to the one its chain of choices ends at. #}
{% macro double_pointers(t) %}
    {%- set now = namespace(moving=1) -%}
    {%- for i in range(1, 41) if now.moving -%}
        {%- set now.moving = run_query(
            'select count(*) from ' ~ t ~ '_parent as here inner join ' ~ t ~ '_parent as there on here.parent = there.x'
        )[0][0] -%}
        {%- if now.moving -%}
            {%- call temporary_table(t ~ '_further') %}
                select here.x, coalesce(there.parent, here.parent) as parent
                from {{ t }}_parent as here left join {{ t }}_parent as there on here.parent = there.x
            {% endcall -%}
            {%- call temporary_table(t ~ '_parent') %}select * from {{ t }}_further{% endcall -%}
            {%- do drop_temporary_tables([t ~ '_further']) -%}
        {%- endif -%}
    {%- endfor -%}
{% endmacro %}
