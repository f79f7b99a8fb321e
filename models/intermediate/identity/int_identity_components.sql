-- One row per linked graph node, with the component it belongs to and the person in it.
-- This SELECT gives the links that may stand; the materialization finds their connected components
-- and cuts those in which a person would hold two values of a unique type.
{{ config(materialized='identity_graph', exclusives='int_identity_exclusives') }}
-- depends_on: {{ ref('int_identity_exclusives') }}

select node_a, node_b, priority, observation_count, first_at from {{ ref('int_identity_edges') }}
