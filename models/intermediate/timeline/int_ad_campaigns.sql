-- One row per campaign of an ad platform, with the channel of its type.
-- A campaign that spent money stands here also when its export of campaigns was not delivered.
with campaigns as (
    select * from {{ ref('int_all__ad_campaigns') }} where is_current
),

reported as (
    select platform, min(account_id) as account_id, campaign_id
    from {{ ref('int_ad_performance') }}
    group by 1, 3
),

advertised as (
    select
        coalesce(campaigns.platform, reported.platform) as platform,
        coalesce(campaigns.account_id, reported.account_id) as account_id,
        coalesce(campaigns.campaign_id, reported.campaign_id) as campaign_id,
        campaigns.campaign_name,
        campaigns.campaign_type
    from campaigns
    full join reported
        on
            campaigns.platform = reported.platform
            and campaigns.campaign_id = reported.campaign_id
),

-- A type that is not listed has the channel of its platform's line without a type.
types as (
    select * from {{ ref('ad_campaign_types') }} where campaign_type is not null
),

platforms as (
    select * from {{ ref('ad_campaign_types') }} where campaign_type is null
)

select
    {{ key_of(['advertised.platform', 'advertised.campaign_id']) }} as campaign_key,
    advertised.platform,
    advertised.account_id,
    advertised.campaign_id,
    coalesce(advertised.campaign_name, advertised.campaign_id) as campaign_name,
    coalesce(types.channel_key, platforms.channel_key, 'paid_other') as channel_key
from advertised
left join types
    on
        advertised.platform = types.platform
        and advertised.campaign_type = types.campaign_type
left join platforms on advertised.platform = platforms.platform
