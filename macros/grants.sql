{#
    post-hook of models: on Postgres the role bi_reader reads what is published, if there is such a
    role (examples/postgres/roles.sql). Elsewhere readers get the published file.
#}
{% macro grant_to_readers() %}{{ return(adapter.dispatch('grant_to_readers')()) }}{% endmacro %}

{% macro default__grant_to_readers() %}{% endmacro %}

{% macro postgres__grant_to_readers() %}
    {% if model.config.meta.publish %}
        do $$ begin
            if exists (select from pg_roles where rolname = 'bi_reader') then
                grant select on {{ this }} to bi_reader;
            end if;
        end $$
    {% endif %}
{% endmacro %}
