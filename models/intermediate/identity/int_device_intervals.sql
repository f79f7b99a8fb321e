-- One row per device or cookie and run of logins of one person on it, with the time it covers.
-- A run claims back claim_days, lasts window_days after its last login, and yields to the next run.
with observations as (
    select * from {{ ref('int_identity_observations') }}
),

types as (
    select * from {{ ref('identifier_types') }}
),

nodes as (
    select * from {{ ref('int_identity_nodes') }}
),

people as (
    select * from {{ ref('int_identity_people') }}
),

logins as (
    select
        devices.node_id,
        types.window_days,
        types.claim_days,
        people.user_key,
        devices.observed_at as logged_in_at
    from observations as devices
    inner join observations as persons
        on devices.record_key = persons.record_key and persons.role = 'linking'
    inner join nodes on persons.node_id = nodes.node_id
    inner join people on nodes.component_id = people.component_id
    inner join types on devices.identifier_type = types.identifier_type
    where devices.role = 'assigned' and devices.observed_at is not null
),

marked as (
    select
        *,
        case
            when lag(user_key) over (partition by node_id order by logged_in_at, user_key) = user_key
                and {{ seconds_between('lag(logged_in_at) over (partition by node_id order by logged_in_at, user_key)', 'logged_in_at') }}
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
            partition by node_id order by logged_in_at, user_key rows between unbounded preceding and current row
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
        least(lasting_to_at, lead(first_login_at) over (partition by node_id order by run_no)) as valid_to_at
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
