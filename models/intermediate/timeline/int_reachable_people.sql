-- One row per person with anything to reach them by, as yes or no: never the phone or address.
-- By message: follows the official account, and has not left it since. Reach is no consent.
with contacts as (
    select
        user_key,
        max(case when contact_type = 'phone' then 1 else 0 end) as has_phone,
        max(case when contact_type = 'email' then 1 else 0 end) as has_email,
        0 as is_follower
    from {{ ref('int_contact_points') }}
    group by user_key
),

follows as (
    select
        user_key,
        max(case when event_type = 'follow' then occurred_at end) as followed_at,
        max(case when event_type = 'unfollow' then occurred_at end) as unfollowed_at
    from {{ ref('int_events_identified') }}
    where event_type in ('follow', 'unfollow')
    group by user_key
),

ways as (
    select user_key, has_phone, has_email, is_follower from contacts
    union all
    select
        user_key,
        0,
        0,
        case when followed_at > unfollowed_at or unfollowed_at is null then 1 else 0 end
    from follows
    where followed_at is not null
)

select
    user_key,
    max(has_phone) = 1 as is_reachable_by_phone,
    max(has_email) = 1 as is_reachable_by_email,
    max(is_follower) = 1 as is_reachable_by_message
from ways
where user_key <> 'unknown'
group by user_key
