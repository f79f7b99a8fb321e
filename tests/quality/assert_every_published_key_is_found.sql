-- Whoever kept a published key finds it among today's people or among the keys that changed.
with published as (
    select user_key from {{ source('published', 'identifiers') }}
    union
    select user_key from {{ source('published', 'orders') }}
)

select published.user_key
from published
left join {{ ref('dim_users') }} as users on published.user_key = users.user_key
left join {{ ref('user_key_changes') }} as changes on published.user_key = changes.old_user_key
where users.user_key is null and changes.old_user_key is null
