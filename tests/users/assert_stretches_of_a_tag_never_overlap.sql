-- Of one person and tag a stretch ends before the next begins, whatever its version or value, and
-- an unbroken one of the same version and value is one row.
with following as (
    select
        *,
        lead(valid_from_date) over tag as next_from_date,
        lead(tag_version) over tag as next_version,
        lead(tag_value) over tag as next_value
    from {{ ref('user_tags') }}
    window tag as (partition by user_key, tag_name order by valid_from_date)
)

select *
from following
where
    valid_to_date <= valid_from_date
    or is_current <> (valid_to_date is null)
    or (next_from_date is not null and valid_to_date is null)
    or next_from_date < valid_to_date
    or (
        next_from_date = valid_to_date
        and next_version = tag_version
        and next_value is not distinct from tag_value
    )
