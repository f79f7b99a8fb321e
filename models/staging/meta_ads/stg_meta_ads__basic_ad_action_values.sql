-- One row per ad, day and kind of action, with the money Meta claims for it.
-- One purchase stands under several kinds; the timeline takes one of them.
select
    action_id,
    ad_id,
    action_type,
    action_original_amount,
    stat_date,
    _load_no as load_no
from {{ ref('base_meta_ads__basic_ad_action_values') }}
where row_status = 'accepted'
