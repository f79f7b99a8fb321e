{#
    post-hook of models: Postgres plans by what it has counted in a table, and comes to new ones by
    itself only minutes later; until then a join of large tables may be done row by row.
#}
{% macro analyze_table() %}{{ return(adapter.dispatch('analyze_table')()) }}{% endmacro %}
{% macro default__analyze_table() %}{% endmacro %}
{% macro postgres__analyze_table() %}{% if model.config.materialized != 'view' %}analyze {{ this }}{% endif %}{% endmacro %}
