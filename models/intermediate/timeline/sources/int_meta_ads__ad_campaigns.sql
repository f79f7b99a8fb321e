-- One row per name that a Meta campaign had, in the shape all ad platforms share.
-- A campaign whose history was not delivered has the names that the report gives it.
with versions as (
    select
        *,
        row_number() over (
            partition by campaign_id, campaign_name
            order by is_current desc, changed_at desc nulls last, load_no desc, version_id desc
        ) as name_no
    from {{ ref('stg_meta_ads__campaigns') }}
),

reported as (
    select
        campaign_id,
        campaign_name,
        min(account_id) as account_id,
        max(stat_date) as last_date
    from {{ ref('stg_meta_ads__basic_ad') }}
    where
        campaign_id is not null
        and campaign_name is not null
        and campaign_id not in (select versions.campaign_id from versions)
    group by 1, 2
)

select
    'meta_ads' as platform,
    account_id,
    campaign_id,
    campaign_name,
    campaign_type,
    is_current
from versions
where name_no = 1
union all
select
    'meta_ads',
    account_id,
    campaign_id,
    campaign_name,
    null,
    row_number() over (
        partition by campaign_id order by last_date desc, campaign_name desc
    ) = 1
from reported
