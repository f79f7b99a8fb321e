-- One row per Tencent Ads campaign and name it had, in the shape all ad platforms share.
-- Its reports tell no campaign type: the platform's line in ad_campaign_types gives the channel.
select
    'tencent_ads' as platform,
    account_id,
    campaign_id,
    campaign_name,
    cast(null as {{ dbt.type_string() }}) as campaign_type,
    is_current
from {{ ref('stg_tencent_ads__campaigns') }}
