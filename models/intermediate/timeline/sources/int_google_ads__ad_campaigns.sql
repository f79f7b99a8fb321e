-- One row per name that a Google Ads campaign had, in the shape all ad platforms share.
with versions as (
    select
        *,
        row_number() over (
            partition by campaign_id, campaign_name
            order by is_current desc, changed_at desc nulls last, load_no desc, version_id desc
        ) as name_no
    from {{ ref('stg_google_ads__campaigns') }}
)

select
    'google_ads' as platform,
    account_id,
    campaign_id,
    campaign_name,
    campaign_type,
    is_current
from versions
where name_no = 1
