-- One row per campaign: those of the ad platforms, and those only links know.
-- A link's campaign that is no platform's stands alone, so that nothing hides the mismatch.
with advertised as (
    select * from {{ ref('int_ad_campaigns') }}
),

linked as (
    select
        traffic.campaign_key,
        {{ campaign_word('traffic.traffic_campaign') }} as campaign_word,
        min(traffic.traffic_campaign) as campaign_name
    from {{ ref('int_traffic') }} as traffic
    inner join {{ ref('int_all__traffic') }} as seen
        on traffic.traffic_key = {{ traffic_key('seen') }}
    where
        traffic.campaign_key is not null
        and traffic.campaign_key not in (select advertised.campaign_key from advertised)
    group by 1, 2
)

select
    campaign_key,
    platform,
    account_id,
    campaign_id,
    campaign_name,
    channel_key,
    true as is_advertised
from advertised
union all
select campaign_key, 'unmatched', 'unknown', campaign_word, campaign_name, null, false
from linked
