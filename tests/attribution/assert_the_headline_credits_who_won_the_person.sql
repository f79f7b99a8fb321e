-- The channel and campaign that the headline credits with a first order are those of the person.
with credits as (
    select * from {{ ref('fct_attribution') }}
    where conversion_type = 'first_order' and attribution_model = 'last_non_direct'
),

users as (
    select * from {{ ref('dim_users') }} where purchase_count > 0
)

select users.user_key, users.acquisition_channel_key, credits.channel_key
from users
left join credits on users.user_key = credits.user_key
where
    users.user_key <> 'unknown'
    and (
        credits.user_key is null
        or (
            credits.channel_key <> 'unattributed'
            and (
                credits.channel_key <> users.acquisition_channel_key
                or credits.campaign_key <> users.acquisition_campaign_key
            )
        )
    )
