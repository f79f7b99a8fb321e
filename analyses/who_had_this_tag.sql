-- Who had a tag on a day, with its value and since when; also what was true before the tag's rule
-- was last changed, by the version that held then.
select
    user_tags.user_key,
    user_tags.tag_name,
    user_tags.tag_version,
    user_tags.tag_value,
    user_tags.valid_from_date,
    user_tags.valid_to_date
from {{ ref('user_tags') }} as user_tags
where
    user_tags.tag_name = '{{ var("tag_name", "high_value") }}'
    and user_tags.valid_from_date <= cast('{{ var("tag_date", "2026-06-18") }}' as date)
    and (
        user_tags.valid_to_date is null
        or user_tags.valid_to_date > cast('{{ var("tag_date", "2026-06-18") }}' as date)
    )
