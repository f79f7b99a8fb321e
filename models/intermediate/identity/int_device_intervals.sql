-- One row per device or cookie and run of logins of one person on it, with the time it covers.
-- A run claims back claim_days, lasts window_days after its last login, and yields to the next run.
with types as (
    select * from {{ ref('identifier_types') }}
),

logins as (
    select
        device_logins.*,
        types.window_days,
        types.claim_days
    from {{ ref('int_device_logins') }} as device_logins
    inner join types on device_logins.identifier_type = types.identifier_type
    where not device_logins.is_public
),

marked as (
    select
        *,
        case
            when
                lag(user_key) over (
                    partition by node_id order by logged_in_at, user_key
                ) = user_key
                and {{ seconds_between(
                    'lag(logged_in_at) over (partition by node_id order by logged_in_at, user_key)',
                    'logged_in_at'
                ) }}
                <= (window_days + claim_days) * 86400
                then 0
            else 1
        end as starts_run
    from logins
),

numbered as (
    select
        *,
        sum(starts_run) over (
            partition by node_id
            order by logged_in_at, user_key
            rows between unbounded preceding and current row
        ) as run_no
    from marked
),

runs as (
    select
        node_id,
        run_no,
        user_key,
        min(logged_in_at) as first_login_at,
        {{ add_seconds('min(logged_in_at)', '-1 * max(claim_days) * 86400') }} as claimed_from_at,
        {{ add_seconds('max(logged_in_at)', 'max(window_days) * 86400') }} as lasting_to_at
    from numbered
    group by 1, 2, 3
),

ended as (
    select
        *,
        least(
            lasting_to_at, lead(first_login_at) over (partition by node_id order by run_no)
        ) as valid_to_at
    from runs
)

select
    node_id,
    cast(run_no as bigint) as run_no,
    user_key,
    greatest(
        claimed_from_at, lag(valid_to_at) over (partition by node_id order by run_no)
    ) as valid_from_at,
    valid_to_at
from ended
