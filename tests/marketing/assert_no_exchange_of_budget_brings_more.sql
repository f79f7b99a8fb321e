-- The best split, judged another way: no step that was left is worth more than one that was taken,
-- and returns fall with spend, so no exchange between two channels brings more.
with moves as (
    select * from {{ ref('budget_moves') }}
),

falling as (
    select
        channel_key,
        change_share,
        marginal_roi,
        lag(marginal_roi) over (partition by channel_key order by change_share) as roi_before
    from {{ ref('budget_what_if') }}
)

select
    taken.channel_key,
    taken.step_roi,
    refused.channel_key as other_channel_key,
    refused.step_roi as other_step_roi
from moves as taken
inner join moves as refused on refused.step_roi > taken.step_roi + 0.00001
where taken.taken_amount > 0 and refused.taken_amount < refused.step_amount
union all
select channel_key, marginal_roi, 'itself before', roi_before
from falling
where marginal_roi > roi_before + 0.000001
