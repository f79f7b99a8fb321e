-- One row per customer who has lapsed, ranked by what is expected of them: what they used to buy
-- and where, how they can be reached, and what came of writing to them.
-- A recall is a lapse in which a message was sent. Who bought after it need not have bought for it,
-- so the win-back rates of the recalled and of the others in their channel stand beside.
with as_of as (
    select as_of_date from {{ ref('dim_as_of') }} where metric_family = 'orders'
),

lapses as (
    select * from {{ ref('user_lifecycle') }} where lifecycle_stage = 'lapsed'
),

messages as (
    select messages.*
    from {{ ref('fct_messages') }} as messages
    inner join as_of on messages.scheduled_date <= as_of.as_of_date
    where messages.is_sent
),

last_messages as (
    select
        *,
        count(*) over (partition by user_key) as message_count,
        max(case when is_unsubscribed then 1 else 0 end) over (partition by user_key) as has_left,
        row_number() over (
            partition by user_key order by scheduled_at desc, message_key asc
        ) as message_no
    from messages
),

recalls as (
    select
        lapses.user_key,
        lapses.user_lifecycle_key,
        lapses.valid_to_date,
        count(*) as message_count
    from lapses
    inner join messages
        on
            lapses.user_key = messages.user_key
            and lapses.valid_from_date <= messages.scheduled_date
            and (lapses.valid_to_date is null or messages.scheduled_date <= lapses.valid_to_date)
    group by 1, 2, 3
),

recalled as (
    select
        user_key,
        count(*) as recall_count,
        count(valid_to_date) as bought_after_count,
        sum(case when valid_to_date is null then message_count else 0 end) as messages_since
    from recalls
    group by 1
),

states as (
    select
        *,
        row_number() over (partition by user_key order by change_date desc) as age_no
    from {{ ref('user_tag_inputs') }}
),

channels as (
    select
        acquisition_channel_key,
        sum(recalled_customers) as recalled,
        sum(recalled_won_back_customers) as recalled_back,
        sum(unrecalled_customers) as others,
        sum(unrecalled_won_back_customers) as others_back
    from {{ ref('win_back') }}
    group by 1
)

select
    users.user_key,
    users.acquisition_channel_key,
    states.preferred_sales_channel_key,
    coalesce(last_messages.channel_key, 'unknown') as last_message_channel_key,
    coalesce(last_messages.campaign_key, 'unknown') as last_message_campaign_key,
    states.preferred_category_name,
    coalesce(last_messages.campaign_name, 'none') as last_message_campaign_name,
    coalesce(scores.score_status, 'no_fit') as score_status,
    cast(row_number() over (
        order by
            scores.expected_revenue_90_amount desc nulls last,
            users.net_revenue_amount desc,
            users.user_key asc
    ) as bigint) as candidate_rank,
    users.purchase_count,
    users.net_revenue_amount,
    scores.expected_revenue_90_amount,
    {{ days_between('lapses.last_purchase_date', 'as_of.as_of_date') }} as silent_days,
    cast(coalesce(last_messages.message_count, 0) as bigint) as messages_sent,
    cast(coalesce(recalled.messages_since, 0) as bigint) as messages_since_lapsed,
    cast(coalesce(recalled.recall_count, 0) as bigint) as recalls,
    cast(coalesce(recalled.bought_after_count, 0) as bigint) as recalls_bought_after,
    {{ ratio('channels.recalled_back', 'channels.recalled') }} as channel_recalled_win_back_rate,
    {{ ratio('channels.others_back', 'channels.others') }} as channel_unrecalled_win_back_rate,
    coalesce(reach.has_phone, false) as is_reachable_by_phone,
    coalesce(reach.has_email, false) as is_reachable_by_email,
    coalesce(reach.is_follower, false) as is_reachable_by_message,
    coalesce(last_messages.has_left = 1, false) as has_unsubscribed,
    lapses.last_purchase_date,
    lapses.valid_from_date as lapsed_date,
    last_messages.scheduled_date as last_message_date,
    as_of.as_of_date
from lapses
inner join {{ ref('dim_users') }} as users on lapses.user_key = users.user_key
inner join states on lapses.user_key = states.user_key and states.age_no = 1
cross join as_of
left join {{ ref('user_scores') }} as scores on lapses.user_key = scores.user_key
left join {{ ref('user_reachability') }} as reach on lapses.user_key = reach.user_key
left join last_messages on lapses.user_key = last_messages.user_key and last_messages.message_no = 1
left join recalled on lapses.user_key = recalled.user_key
left join channels on users.acquisition_channel_key = channels.acquisition_channel_key
where lapses.is_current
