-- One row per version of a campaign; the newest is current.
-- Old names stay, because links that carry them are still clicked.
select
    version_id,
    campaign_id,
    account_id,
    campaign_name,
    campaign_type,
    row_number() over (
        partition by campaign_id order by changed_at desc nulls last, _load_no desc, version_id desc
    ) = 1 as is_current,
    changed_at,
    _load_no as load_no
from {{ ref('base_meta_ads__campaign_history') }}
where row_status = 'accepted'
