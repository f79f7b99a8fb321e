-- One row per month and acquisition channel (and `all`) with customers who had lapsed at its start.
-- Won back: bought in the month. Recalled: a message was sent to them in the month, not after they
-- had bought. Null until the month has passed completely. Descriptive: who is written to is chosen.
with lapses as (
    select * from {{ ref('user_lifecycle') }} where lifecycle_stage = 'lapsed'
),

channels as (
    select user_key, acquisition_channel_key from {{ ref('dim_users') }}
    union all
    select user_key, 'all' from {{ ref('dim_users') }}
),

messages as (
    select
        user_key,
        {{ month_start('scheduled_date') }} as month_date,
        min(scheduled_date) as first_sent_date
    from {{ ref('fct_messages') }}
    where is_sent
    group by 1, 2
),

as_of as (
    select
        max(case when metric_family = 'orders' then as_of_date end) as orders_date,
        max(case when metric_family = 'messages' then as_of_date end) as messages_date
    from {{ ref('dim_as_of') }}
),

months as (
    select distinct
        dim_dates.month_date,
        {{ add_months('dim_dates.month_date', 1) }} as next_month_date,
        {{ add_months('dim_dates.month_date', 1) }}
        <= {{ add_days('as_of.orders_date', 1) }} as is_complete,
        coalesce(
            {{ add_months('dim_dates.month_date', 1) }}
            <= {{ add_days('least(as_of.orders_date, as_of.messages_date)', 1) }}
            and as_of.messages_date is not null, false
        ) as has_messages
    from {{ ref('dim_dates') }} as dim_dates
    inner join as_of on dim_dates.date_day <= as_of.orders_date
),

-- The next purchase is what ends a lapse.
lapsed as (
    select
        months.month_date,
        months.is_complete,
        months.has_messages,
        channels.acquisition_channel_key,
        coalesce(lapses.valid_to_date < months.next_month_date, false) as is_won_back,
        coalesce(
            messages.first_sent_date <= coalesce(lapses.valid_to_date, messages.first_sent_date),
            false
        ) as is_recalled
    from months
    inner join lapses
        on
            lapses.valid_from_date < months.month_date
            and (lapses.valid_to_date is null or lapses.valid_to_date >= months.month_date)
    inner join channels on lapses.user_key = channels.user_key
    left join messages
        on lapses.user_key = messages.user_key and months.month_date = messages.month_date
),

counted as (
    select
        month_date,
        acquisition_channel_key,
        is_complete,
        has_messages,
        count(*) as lapsed_customers,
        count(case when is_won_back then 1 end) as won_back,
        count(case when is_recalled then 1 end) as recalled,
        count(case when is_recalled and is_won_back then 1 end) as recalled_won_back
    from lapsed
    group by 1, 2, 3, 4
),

known as (
    select
        month_date,
        acquisition_channel_key,
        is_complete,
        lapsed_customers,
        case when is_complete then won_back end as won_back,
        case when has_messages then recalled end as recalled,
        case when has_messages then recalled_won_back end as recalled_won_back,
        case when has_messages then lapsed_customers - recalled end as others,
        case when has_messages then won_back - recalled_won_back end as others_won_back
    from counted
)

select
    {{ key_of(['month_date', 'acquisition_channel_key']) }} as win_back_key,
    acquisition_channel_key,
    cast(lapsed_customers as bigint) as lapsed_customers,
    cast(won_back as bigint) as won_back_customers,
    {{ ratio('won_back', 'lapsed_customers') }} as win_back_rate,
    cast(recalled as bigint) as recalled_customers,
    cast(recalled_won_back as bigint) as recalled_won_back_customers,
    {{ ratio('recalled_won_back', 'recalled') }} as recalled_win_back_rate,
    cast(others as bigint) as unrecalled_customers,
    cast(others_won_back as bigint) as unrecalled_won_back_customers,
    {{ ratio('others_won_back', 'others') }} as unrecalled_win_back_rate,
    is_complete,
    month_date
from known
