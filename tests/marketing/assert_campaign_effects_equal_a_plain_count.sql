-- The people of each message campaign and what they bought, counted from the facts: who was in
-- one arm only, from the first day; purchases as days with a valid order. And what is gained in the
-- first days and in the following ones is what is gained in all.
with sent as (
    select
        messages.user_key,
        messages.channel_key,
        messages.campaign_key,
        coalesce(messages.experiment_id, 'none') as experiment_id,
        min(case when messages.is_sent then messages.arm end) as sent_arm,
        max(messages.arm) as last_arm,
        min(messages.arm) as first_arm,
        count(case when messages.is_sent then 1 end) as sent_count,
        min(messages.scheduled_date) as own_date
    from {{ ref('fct_messages') }} as messages
    where messages.user_key <> 'unknown'
    group by 1, 2, 3, 4
),

days as (
    select
        channel_key,
        campaign_key,
        coalesce(experiment_id, 'none') as experiment_id,
        case when count(distinct scheduled_date) = 1 then min(scheduled_date) end as only_date
    from {{ ref('fct_messages') }}
    where user_key <> 'unknown'
    group by 1, 2, 3
),

members as (
    select
        sent.user_key,
        sent.channel_key,
        sent.campaign_key,
        sent.experiment_id,
        coalesce(sent.sent_arm, 'held out') as arm,
        coalesce(sent.own_date, days.only_date) as started_date
    from sent
    inner join days
        on
            sent.channel_key = days.channel_key
            and sent.campaign_key = days.campaign_key
            and sent.experiment_id = days.experiment_id
    where
        sent.first_arm = sent.last_arm
        and coalesce(sent.own_date, days.only_date) is not null
),

orders as (
    select user_key, order_date, sum(net_revenue_amount) as net_revenue_amount
    from {{ ref('fct_orders') }}
    where is_valid
    group by 1, 2
),

counted as (
    select
        members.channel_key,
        members.campaign_key,
        members.experiment_id,
        members.arm,
        count(distinct members.user_key) as people,
        count(orders.order_date) as purchases_30d,
        coalesce(sum(orders.net_revenue_amount), 0) as revenue_30d
    from members
    inner join {{ ref('dim_as_of') }} as as_of
        on
            as_of.metric_family = 'orders'
            and {{ add_days('members.started_date', 30) }} <= as_of.as_of_date
    left join orders
        on
            members.user_key = orders.user_key
            and members.started_date <= orders.order_date
            and orders.order_date < {{ add_days('members.started_date', 30) }}
    group by 1, 2, 3, 4
),

told as (
    select
        effects.*,
        case
            when effects.metric_name = 'purchases_per_head' then plain.purchases_30d
            else plain.revenue_30d
        end as plain_total,
        case
            when effects.metric_name = 'purchases_per_head' then controls.purchases_30d
            else controls.revenue_30d
        end as plain_control_total,
        coalesce(plain.people, 0) as plain_people,
        coalesce(controls.people, 0) as plain_control_people
    from {{ ref('campaign_effects') }} as effects
    left join counted as plain
        on
            effects.channel_key = plain.channel_key
            and effects.campaign_key = plain.campaign_key
            and effects.experiment_id = plain.experiment_id
            and effects.arm = plain.arm
    left join counted as controls
        on
            effects.channel_key = controls.channel_key
            and effects.campaign_key = controls.campaign_key
            and effects.experiment_id = controls.experiment_id
            and controls.arm = 'held out'
    where
        effects.effect_source_type = 'message_campaign'
        and effects.horizon_days = 30
        and effects.metric_name in ('purchases_per_head', 'net_revenue_per_head')
),

-- Gained in the first 7 days, in the following 23, and in all 30.
gains as (
    select
        effect_source_type,
        channel_key,
        campaign_key,
        experiment_id,
        arm,
        sum(
            case when metric_name = 'purchases_per_head' then -outcome_total else outcome_total end
        ) as left_over,
        sum(case when metric_name = 'purchases_per_head' then -effect else effect end)
            as effect_left_over
    from {{ ref('campaign_effects') }}
    where
        horizon_days <= 30
        and metric_name
        in ('purchases_first_days', 'purchases_following_days', 'purchases_per_head')
    group by 1, 2, 3, 4, 5
)

select campaign_key, arm, metric_name
from told
where
    measured_people <> plain_people
    or control_measured_people <> plain_control_people
    or coalesce(outcome_total, 0) <> coalesce(plain_total, 0)
    or coalesce(control_outcome_total, 0) <> coalesce(plain_control_total, 0)
    or effect_low > effect
    or effect_high < effect
union all
select campaign_key, arm, 'pulled forward'
from gains
where left_over <> 0 or abs(effect_left_over) > 0.000002
