-- Versions of a tag begin in the order of their numbers, each on a day of its own.
with versions as (
    select
        tag_rules.*,
        lag(version_from_date) over (partition by tag_name order by version) as previous_date
    from {{ ref('tag_rules') }} as tag_rules
)

select
    'tag_rules' as seed_name,
    'row of ' || tag_name || ' ' || version as seed_row,
    'version_from_date' as column_name,
    'does not come after that of the version before' as problem
from versions
where version_from_date <= previous_date
