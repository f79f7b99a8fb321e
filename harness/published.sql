-- What `omniloop publish` adds to the published copy, and what it keeps of the warehouse.

-- [published_version]
-- One row that says what a reader holds in hands; DuckDB has no comment on a database.
create schema if not exists new.marts;
create table new.marts.published_version as
select {}::text as origin, {}::timestamp as published_at, {}::text as code_version;
comment on table new.marts.published_version is 'One row: origin of the data (demo or own), when this copy was published (UTC), and by which version.';

-- Kept are the tables of the source `published`: the next build compares its people with them.

-- [identifiers]
select identifier_key, valid_from_at, user_key from work.marts.qa_linked_identifiers

-- [orders]
select order_key, user_key from work.marts.fct_orders

-- [users]
-- People that can be told again: identified, or with an order, counted or not.
select user_key, acquisition_channel_key, registered_date from work.marts.dim_users
where is_identified or user_key in (select user_key from work.marts.fct_orders)
