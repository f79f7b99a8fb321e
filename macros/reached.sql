{#
    The smallest node that each node is linked with, however long the chain between them. `links` is a
    relation of `node_a, node_b` (bigint), written by people and so short; gives `node_id, root_node_id`.
#}
{% macro smallest_reached(links) %}{{ return(adapter.dispatch('smallest_reached')(links)) }}{% endmacro %}

{% macro default__smallest_reached(links) %}
(
    with recursive pairs as (
        select node_a as node_id, node_b as other_id from {{ links }}
        union all
        select node_b, node_a from {{ links }}
    ),

    reached as (
        select node_id, other_id as reached_id from pairs
        union
        select reached.node_id, pairs.other_id
        from reached
        inner join pairs on reached.reached_id = pairs.node_id
    )

    select node_id, min(reached_id) as root_node_id from reached group by node_id
)
{% endmacro %}

{# Spark's recursion never ends in a circle. Here each link in turn gives all that one side was joined to to the other. #}
{% macro spark__smallest_reached(links) %}
(
    select explode(aggregate(
        links,
        map_from_arrays(nodes, nodes),
        (roots, link) -> aggregate(
            array(struct(
                least(roots[link.node_a], roots[link.node_b]) as kept,
                greatest(roots[link.node_a], roots[link.node_b]) as gone
            )),
            roots,
            (joined, root) -> transform_values(joined, (node, was) -> if(was = root.gone, root.kept, was))
        )
    )) as (node_id, root_node_id)
    from (
        select
            collect_list(struct(node_a, node_b)) as links,
            array_distinct(array_union(collect_list(node_a), collect_list(node_b))) as nodes
        from {{ links }}
    ) as told
)
{% endmacro %}
