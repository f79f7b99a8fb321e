-- What `omniloop load` asks Postgres, and at the end Spark, section by section.

-- [ledger]
-- One row per landed file that the database holds, with its size and time when it was copied.
create schema if not exists landing;
create table if not exists landing.loaded_files (file_name text primary key, stamp text not null);
lock table landing.loaded_files in access exclusive mode

-- [table]
create schema if not exists {source};
create table if not exists {source}.{table} ({types});
{more}

-- [column]
alter table {source}.{table} add column if not exists {column};

-- [other_landing]
select landing_id from landing.origin where landing_id <> %s

-- [known]
select file_name, stamp from landing.loaded_files

-- [forget]
delete from landing.loaded_files where file_name = %s

-- [remember]
insert into landing.loaded_files values (%s, %s)

-- [mount]
create schema if not exists {source};
drop table if exists {source}.{table};
create table {source}.{table} ({types}) using parquet location '{folder}/{source}/{table}'
