-- The fitted attribution models solve for every marketing channel there may be.
with marketing as (
    select count(*) as channel_count from {{ ref('channels') }} where channel_role <> 'none'
)

select
    'channels' as seed_name,
    cast(null as {{ dbt.type_string() }}) as seed_row,
    'channel_key' as column_name,
    'there are ' || channel_count || ', and attribution_channel_limit in dbt_project.yml is '
    || {{ var('attribution_channel_limit') }} as problem
from marketing
where channel_count > {{ var('attribution_channel_limit') }}
