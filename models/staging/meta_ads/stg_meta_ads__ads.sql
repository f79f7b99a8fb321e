-- One row per version of an ad; the newest is current.
-- Its campaign is that of report rows which do not say one.
select
    version_id,
    ad_id,
    account_id,
    campaign_id,
    ad_name,
    row_number() over (
        partition by ad_id order by changed_at desc nulls last, _load_no desc, version_id desc
    ) = 1 as is_current,
    changed_at,
    _load_no as load_no
from {{ ref('base_meta_ads__ad_history') }}
where row_status = 'accepted'
