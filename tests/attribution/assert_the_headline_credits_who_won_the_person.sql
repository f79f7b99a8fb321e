-- Whoever won a person is credited by the headline with the first order, and nobody with more.
with credits as (
    select
        user_key,
        channel_key,
        campaign_key,
        credit_share,
        max(credit_share) over (partition by user_key) as largest_share
    from {{ ref('fct_attribution') }}
    where
        conversion_type = 'first_order'
        and is_headline
        and channel_key not in ('base', 'unattributed')
),

users as (
    select * from {{ ref('dim_users') }} where user_key in (select credits.user_key from credits)
)

select users.user_key, users.acquisition_channel_key, users.acquisition_campaign_key
from users
left join credits
    on
        users.user_key = credits.user_key
        and users.acquisition_channel_key = credits.channel_key
        and users.acquisition_campaign_key = credits.campaign_key
where credits.user_key is null or credits.credit_share < credits.largest_share - 0.000000002
