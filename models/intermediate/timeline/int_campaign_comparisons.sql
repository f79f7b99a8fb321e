-- One row per campaign, treatment arm and metric with what it takes to compare it with the control:
-- sizes, variances, the slope on what was before, and whether the arms are as large as declared.
-- Without a control its columns are null. Sizes are held against experiment_splits arm by arm.
with arms as (
    select * from {{ ref('int_campaign_arms') }} where not is_control
),

controls as (
    select * from {{ ref('int_campaign_arms') }} where is_control
),

sizes as (
    select tested_key, experiment_id, arm, is_control, count(*) as people
    from {{ ref('int_campaign_members') }}
    where not is_contaminated and started_date is not null
    group by 1, 2, 3, 4
),

weighed as (
    select
        sizes.tested_key,
        case when sizes.is_control then 'control' else sizes.arm end as arm,
        sizes.is_control,
        sum(sizes.people) as people,
        {{ sum_if_all_known('splits.weight', 'true') }} as weight
    from sizes
    left join {{ ref('experiment_splits') }} as splits
        on sizes.experiment_id = splits.experiment_id and sizes.arm = splits.arm
    group by 1, 2, 3
),

ratios as (
    select
        weighed.tested_key,
        weighed.arm,
        weighed.people,
        controls.people as control_people,
        weighed.weight / nullif({{ as_double('weighed.weight + controls.weight') }}, 0)
            as expected_share
    from weighed
    left join weighed as controls
        on weighed.tested_key = controls.tested_key and controls.is_control
    where not weighed.is_control
),

paired as (
    select
        arms.*,
        ratios.people as arm_people,
        ratios.control_people,
        case
            when ratios.control_people is null then 'no_control'
            when ratios.expected_share is null then 'not_declared'
            when
                {{ is_sample_ratio_mismatch(
                    'ratios.people', 'ratios.control_people', 'ratios.expected_share'
                ) }}
                then 'sample_ratio_mismatch'
            else 'as_declared'
        end as sample_ratio_status,
        controls.people as control_metric_people,
        coalesce(controls.n, 0) as control_n,
        controls.sum_y as control_sum_y,
        arms.net_revenue + coalesce(controls.net_revenue, 0) as both_net_revenue,
        arms.costed_revenue + coalesce(controls.costed_revenue, 0) as both_costed_revenue,
        {{ rate_of('arms.sum_y', 'arms.n') }} - {{ rate_of('controls.sum_y', 'controls.n') }}
            as difference,
        {{ rate_of('arms.sum_x', 'arms.n') }} - {{ rate_of('controls.sum_x', 'controls.n') }}
            as difference_before,
        {{ sample_variance('arms.n', 'arms.sum_y', 'arms.sum_yy') }} as v,
        {{ sample_variance('controls.n', 'controls.sum_y', 'controls.sum_yy') }} as control_v,
        {{ sample_variance('arms.n', 'arms.sum_x', 'arms.sum_xx') }} as vx,
        {{ sample_variance('controls.n', 'controls.sum_x', 'controls.sum_xx') }} as control_vx,
        {{ sample_covariance('arms.n', 'arms.sum_x', 'arms.sum_y', 'arms.sum_xy') }} as vxy,
        {{ sample_covariance(
            'controls.n', 'controls.sum_x', 'controls.sum_y', 'controls.sum_xy'
        ) }} as control_vxy
    from arms
    inner join ratios on arms.tested_key = ratios.tested_key and arms.arm = ratios.arm
    left join controls
        on
            arms.tested_key = controls.tested_key
            and arms.metric_name = controls.metric_name
            and arms.from_day = controls.from_day
            and arms.to_day = controls.to_day
),

sloped as (
    select
        *,
        {{ cuped_theta('vxy', 'vx', 'n', 'control_vxy', 'control_vx', 'control_n') }} as theta
    from paired
)

select
    *,
    {{ cuped_effect('difference', 'theta', 'difference_before', '0') }} as cuped_difference,
    {{ cuped_variance('v', 'theta', 'vxy', 'vx') }} as cuped_v,
    {{ cuped_variance('control_v', 'theta', 'control_vxy', 'control_vx') }} as cuped_control_v
from sloped
