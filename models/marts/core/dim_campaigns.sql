-- One row per campaign of an ad platform or known only from links, and one for unknown.
-- A campaign that only links know has no spend; spelling it in campaign_aliases joins it.
select
    campaign_key,
    platform,
    account_id,
    campaign_id,
    campaign_name,
    coalesce(channel_key, 'unknown') as channel_key,
    is_advertised
from {{ ref('int_campaigns') }}
union all
select 'unknown', 'unknown', 'unknown', 'unknown', 'Unknown', 'unknown', false
