-- One row per version of a Google Ads campaign, in the shape all ad platforms share.
select
    'google_ads' as platform,
    account_id,
    campaign_id,
    campaign_name,
    campaign_type,
    is_current
from {{ ref('stg_google_ads__campaigns') }}
