-- One row per campaign and name it was reported under; the name of its newest day is current.
-- A campaign that was never named is one row. Superseded rows still tell of older names, under
-- which links are still clicked.
with sightings as (
    select
        *,
        row_number() over (
            partition by campaign_id, campaign_name
            order by stat_date desc, read_at desc nulls last, _load_no desc, _record_no desc
        ) as sighting_no,
        count(campaign_name) over (partition by campaign_id) as named_count
    from {{ ref('base_tencent_ads__daily_reports') }}
    where row_status <> 'rejected'
)

select
    {{ key_of(['campaign_id', 'campaign_name']) }} as version_key,
    account_id,
    campaign_id,
    campaign_name,
    row_number() over (
        partition by campaign_id
        order by stat_date desc, read_at desc nulls last, _load_no desc, _record_no desc
    ) = 1 as is_current,
    _load_no as load_no
from sightings
where sighting_no = 1 and (campaign_name is not null or named_count = 0)
