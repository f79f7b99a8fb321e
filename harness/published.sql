-- What `omniloop publish` adds to the published copy, and what it keeps of the warehouse.

-- [published_version]
-- One row that says what a reader holds in hands; DuckDB has no comment on a database.
create schema if not exists new.marts;
create table new.marts.published_version as
select {}::text as origin, {}::timestamp as published_at, {}::text as code_version,
    {}::bigint as test_count;
comment on table new.marts.published_version is 'One row: origin of the data (demo or own), when this copy was published (UTC), by which version, and how many tests were run on it first; none failed.';

-- [schema]
-- What the published tables hold, as one document for readers of Parquet. A metric that stands in
-- a column gives it a name for people.
with metrics as (
    select mart_column,
        list({name: metric_name, label: label_en, label_zh: label_zh} order by metric_name) as metrics
    from work.marts.metric_catalogue
    group by mart_column
), columns as (
    select schema_name, table_name, list({
        name: column_name, type: data_type, description: comment, metrics: coalesce(metrics, [])
    } order by column_index) as columns
    from duckdb_columns()
    left join metrics on mart_column = table_name || '.' || column_name
    where database_name = 'new'
    group by schema_name, table_name
)
select * replace (strftime(published_at, '%Y-%m-%dT%H:%M:%S.%fZ') as published_at), (
    select map_from_entries(list((metric_family, as_of_date) order by metric_family))
    from work.marts.dim_as_of
) as as_of, (
    select list({
        name: table_name, schema: schema_name, file: table_name || '.parquet',
        description: comment, columns: columns
    } order by table_name)
    from duckdb_tables() join columns using (schema_name, table_name)
    where database_name = 'new'
) as tables
from new.marts.published_version

-- Kept are the tables of the source `published`: the next build compares its people with them.

-- [identifiers]
select identifier_key, valid_from_at, user_key from work.marts.qa_linked_identifiers

-- [orders]
select order_key, user_key from work.marts.fct_orders

-- [users]
-- People that can be told again: identified, or with an order, counted or not.
select user_key, acquisition_channel_key, registered_date from work.marts.dim_users
where is_identified or user_key in (select user_key from work.marts.fct_orders)
