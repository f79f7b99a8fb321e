-- One row per time somebody followed an official account or stopped.
-- Read from all states of a follower: coming back overwrites the first time in the newest one.
-- Who stopped without a time given has stopped all the same; there is no event of it.
with states as (
    select * from {{ ref('base_wechat__followers') }} where row_status <> 'rejected'
),

scenes as (
    select * from {{ ref('wechat_scenes') }}
),

follows as (
    select
        follower_id,
        'follow' as follow_type,
        subscribed_at as occurred_at,
        max(follow_scene) as follow_scene,
        min(_load_no) as load_no
    from states
    where subscribed_at is not null
    group by 1, 2, 3
    union all
    select follower_id, 'unfollow', unsubscribed_at, null, min(_load_no)
    from states
    where unsubscribed_at is not null
    group by 1, 2, 3, 4
)

select
    follows.follower_id,
    follows.follow_type,
    scenes.traffic_source,
    scenes.traffic_medium,
    cast(null as varchar(500)) as traffic_campaign,
    cast(null as varchar(50)) as click_id_type,
    follows.occurred_at,
    follows.load_no
from follows
left join scenes on follows.follow_scene = scenes.scene
