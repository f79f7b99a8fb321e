-- New customers by channel and campaign, found two ways: who won each person by dim_users, and the
-- credit of last_non_direct for first purchases. A first purchase without a touch goes to where it
-- was bought in the one and to `unattributed` in the other, so marketing channels compare.
-- Months in which another model is the headline are left out.
with headlines as (
    select month_date from {{ ref('int_headlines') }}
    where conversion_type = 'first_order' and attribution_model = 'last_non_direct'
),

people as (
    select
        {{ month_start('users.first_order_date') }} as month_date,
        users.acquisition_channel_key as channel_key,
        users.acquisition_campaign_key as campaign_key,
        count(*) as new_customers
    from {{ ref('dim_users') }} as users
    inner join {{ ref('dim_as_of') }} as as_of
        on as_of.metric_family = 'roi' and users.first_order_date <= as_of.as_of_date
    inner join {{ ref('dim_channels') }} as channels
        on users.acquisition_channel_key = channels.channel_key
    where
        users.first_order_status = 'known'
        and channels.channel_role = 'marketing'
        and {{ month_start('users.first_order_date') }} in (
            select headlines.month_date from headlines
        )
    group by 1, 2, 3
),

credits as (
    select
        month_date,
        channel_key,
        campaign_key,
        credited_new_customers as new_customers
    from {{ ref('campaign_credits') }}
    where
        attribution_model = 'last_non_direct'
        and credited_new_customers > 0
        and channel_key <> 'unattributed'
        and month_date in (select headlines.month_date from headlines)
)

select
    coalesce(people.month_date, credits.month_date) as month_date,
    coalesce(people.channel_key, credits.channel_key) as channel_key,
    coalesce(people.campaign_key, credits.campaign_key) as campaign_key,
    people.new_customers as plain_new_customers,
    credits.new_customers
from people
full outer join credits
    on
        people.month_date = credits.month_date
        and people.channel_key = credits.channel_key
        and people.campaign_key = credits.campaign_key
where coalesce(people.new_customers, 0) <> coalesce(credits.new_customers, 0)
