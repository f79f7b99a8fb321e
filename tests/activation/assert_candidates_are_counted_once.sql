-- All who are left out, held out and left are the candidates, each counted once.
with members as (
    select
        audience_name,
        count(*) as candidates,
        count(case when member_status = 'excluded' then 1 end) as excluded
    from {{ ref('act_audience_members') }}
    where (member_status = 'excluded') = (exclusion_reason is not null)
    group by 1
),

candidates as (
    select audience_name, count(*) as candidates
    from {{ ref('act_audience_candidates') }}
    group by 1
)

select audiences.audience_name
from {{ ref('act_audiences') }} as audiences
left join members on audiences.audience_name = members.audience_name
left join candidates on audiences.audience_name = candidates.audience_name
where
    audiences.candidates <> coalesce(candidates.candidates, 0)
    or audiences.candidates <> coalesce(members.candidates, 0)
    or audiences.candidates - audiences.holdout_users - audiences.member_users
    <> coalesce(members.excluded, 0)
    or audiences.candidates
    <> audiences.excluded_no_consent + audiences.excluded_suppressed + audiences.excluded_minors
    + audiences.excluded_staff + audiences.excluded_over_contacted + audiences.excluded_just_bought
    + audiences.excluded_unreachable + audiences.holdout_users + audiences.member_users
