-- Steps into a channel are as many as steps out of it, and as many journeys end as begin; so many
-- that journeys without a conversion and with one are all counted.
with transitions as (
    select * from {{ ref('int_channel_transitions') }}
),

flows as (
    select conversion_type, month_date, to_channel_key as channel_key, step_count as balance
    from transitions
    union all
    select conversion_type, month_date, from_channel_key, -step_count from transitions
),

balances as (
    select
        conversion_type,
        month_date,
        case
            when channel_key in ('(start)', '(conversion)', '(nothing)') then 'journeys'
            else channel_key
        end as channel_key,
        sum(balance) as balance
    from flows
    group by 1, 2, 3
),

journeys as (
    select
        conversion_type,
        {{ month_start('ended_date') }} as month_date,
        count(distinct journey_key) as journey_count
    from {{ ref('int_journeys_ended') }}
    where conversion_type <> 'repeat_order'
    group by 1, 2
),

starts as (
    select conversion_type, month_date, sum(step_count) as journey_count
    from transitions
    where from_channel_key = '(start)'
    group by 1, 2
)

select conversion_type, month_date, channel_key, balance
from balances
where balance <> 0
union all
select journeys.conversion_type, journeys.month_date, 'journeys', journeys.journey_count
from journeys
left join starts
    on
        journeys.conversion_type = starts.conversion_type
        and journeys.month_date = starts.month_date
where coalesce(starts.journey_count, 0) <> journeys.journey_count
