-- One row per ad, day and kind of action, with how often Meta claims it.
-- One purchase stands under several kinds; the timeline takes one of them.
select
    action_id,
    ad_id,
    action_type,
    action_count,
    stat_date,
    _load_no as load_no
from {{ ref('base_meta_ads__basic_ad_actions') }}
where row_status = 'accepted'
