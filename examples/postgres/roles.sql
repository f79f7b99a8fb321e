-- Who may read what on Postgres. Run it once, as a superuser, in the warehouse's database, before
-- the first `omniloop load`; running it again changes nothing:
--     psql -d omniloop -f examples/postgres/roles.sql
-- Then give omniloop_build a password and people their roles: `grant bi_reader to ann;`
--     omniloop_build    loads and builds (OMNILOOP_PG_USER); owns every table
--     bi_reader         the published marts, nothing else
--     activation        audiences and what is written for destinations
--     privacy_officer   everything, to answer and to erase; changes nothing
do $$
declare
    role_name text;
begin
    foreach role_name in array array['omniloop_build', 'bi_reader', 'activation', 'privacy_officer']
    loop
        if not exists (select from pg_roles where rolname = role_name) then
            execute format('create role %I', role_name);
        end if;
    end loop;
    execute format('grant create, temporary on database %I to omniloop_build', current_database());
end $$;

alter role omniloop_build login;
revoke create on schema public from public;
grant create on schema public to omniloop_build;

create schema if not exists marts authorization omniloop_build;
create schema if not exists activation authorization omniloop_build;
create schema if not exists restricted_exports authorization omniloop_build;

-- Which marts are published is a matter of the project: each build grants them, table by table.
grant usage on schema marts, activation to bi_reader;

grant usage on schema activation, restricted_exports to activation;
alter default privileges for role omniloop_build in schema activation
grant select on tables to activation;
alter default privileges for role omniloop_build in schema restricted_exports
grant select on tables to activation;

grant usage on schema marts, activation, restricted_exports to privacy_officer;
alter default privileges for role omniloop_build grant usage on schemas to privacy_officer;
alter default privileges for role omniloop_build grant select on tables to privacy_officer;
