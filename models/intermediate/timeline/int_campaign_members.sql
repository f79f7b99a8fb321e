-- One row per campaign and person in it, written to or held out: the arm, and the day it began.
-- A campaign is one of messages, by channel and experiment, or an experiment as such. A person
-- counts once, from the first day, whichever arm; who was seen in two arms is contaminated.
-- Held-out rows without a day have that of the campaign, if it had only one.
with people as (
    select * from {{ ref('int_record_people') }}
),

entries as (
    select
        'message_campaign' as effect_source_type,
        messages.channel_key,
        coalesce(traffic.campaign_key, 'unknown') as campaign_key,
        coalesce(messages.experiment_id, 'none') as experiment_id,
        messages.campaign_name,
        messages.arm,
        not messages.is_sent as is_control,
        people.user_key,
        {{ business_date('messages.scheduled_at') }} as entry_date
    from {{ ref('int_messages') }} as messages
    inner join people on messages.message_key = people.record_key
    left join {{ ref('int_traffic') }} as traffic on messages.traffic_key = traffic.traffic_key
    union all
    select
        'experiment',
        'unknown',
        'unknown',
        experiment_id,
        experiment_id as name_of_experiment,
        arm,
        is_control,
        user_key,
        {{ business_date('assigned_at') }}
    from {{ ref('int_experiment_assignments') }}
    where user_key <> 'unknown'
),

keyed as (
    select
        {{ key_of(['effect_source_type', 'channel_key', 'campaign_key', 'experiment_id']) }}
            as tested_key,
        entries.*
    from entries
),

campaigns as (
    select
        tested_key,
        min(campaign_name) as campaign_name,
        case when min(entry_date) = max(entry_date) then min(entry_date) end as only_date
    from keyed
    group by 1
),

arms as (
    select tested_key, user_key, count(distinct arm) as arm_count
    from keyed
    group by 1, 2
),

ranked as (
    select
        keyed.*,
        campaigns.campaign_name as name_of_campaign,
        coalesce(keyed.entry_date, campaigns.only_date) as started_date,
        row_number() over (
            partition by keyed.tested_key, keyed.user_key
            order by coalesce(keyed.entry_date, campaigns.only_date) nulls last, keyed.arm
        ) as entry_no
    from keyed
    inner join campaigns on keyed.tested_key = campaigns.tested_key
)

select
    {{ key_of(['ranked.tested_key', 'ranked.user_key']) }} as campaign_member_key,
    ranked.tested_key,
    ranked.user_key,
    ranked.channel_key,
    ranked.campaign_key,
    ranked.experiment_id,
    ranked.effect_source_type,
    ranked.name_of_campaign as campaign_name,
    ranked.arm,
    ranked.is_control,
    arms.arm_count > 1 as is_contaminated,
    ranked.started_date
from ranked
inner join arms
    on ranked.tested_key = arms.tested_key and ranked.user_key = arms.user_key
where ranked.entry_no = 1
