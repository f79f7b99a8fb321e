-- One row per audience with its candidates, who was left out why, and who is left.
-- Below its minimum size an audience has members and exports none of them; an inactive one was not
-- looked for at all.
with audiences as (
    select * from {{ ref('audiences') }}
),

as_of as (
    select as_of_date from {{ ref('dim_as_of') }} where metric_family = 'orders'
),

counted as (
    select
        audience_name,
        count(*) as candidates,
        count(case when exclusion_reason = 'no_consent' then 1 end) as no_consent,
        count(case when exclusion_reason = 'suppressed' then 1 end) as suppressed,
        count(case when exclusion_reason = 'minor' then 1 end) as minors,
        count(case when exclusion_reason = 'staff' then 1 end) as staff,
        count(case when exclusion_reason = 'over_contacted' then 1 end) as over_contacted,
        count(case when exclusion_reason = 'just_bought' then 1 end) as just_bought,
        count(case when exclusion_reason = 'unreachable' then 1 end) as unreachable,
        count(case when member_status = 'holdout' then 1 end) as held_out,
        count(case when member_status = 'member' then 1 end) as members
    from {{ ref('act_audience_members') }}
    group by 1
)

select
    audiences.audience_name,
    audiences.audience_name_zh,
    case
        when not audiences.is_active then 'inactive'
        when coalesce(counted.members, 0) < audiences.minimum_size then 'below_minimum_size'
        else 'ready'
    end as audience_status,
    audiences.destination,
    audiences.contact_type,
    audiences.purpose,
    audiences.recipient,
    audiences.owner,
    audiences.description,
    coalesce(counted.candidates, 0) as candidates,
    coalesce(counted.no_consent, 0) as excluded_no_consent,
    coalesce(counted.suppressed, 0) as excluded_suppressed,
    coalesce(counted.minors, 0) as excluded_minors,
    coalesce(counted.staff, 0) as excluded_staff,
    coalesce(counted.over_contacted, 0) as excluded_over_contacted,
    coalesce(counted.just_bought, 0) as excluded_just_bought,
    coalesce(counted.unreachable, 0) as excluded_unreachable,
    coalesce(counted.held_out, 0) as holdout_users,
    coalesce(counted.members, 0) as member_users,
    cast(audiences.minimum_size as bigint) as minimum_size,
    cast(audiences.holdout_share as decimal(18, 6)) as holdout_share,
    as_of.as_of_date
from audiences
cross join as_of
left join counted on audiences.audience_name = counted.audience_name
