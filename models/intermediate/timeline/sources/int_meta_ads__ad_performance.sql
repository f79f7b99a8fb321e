-- One row per ad and day of Meta, in the shape all ad platforms share.
-- Meta reports one purchase under several kinds of action. Of an ad and day one kind counts, the
-- first of purchase_action_types that it reports, the same for count and value; never their sum.
with days as (
    select * from {{ ref('stg_meta_ads__basic_ad') }}
),

ads as (
    select * from {{ ref('stg_meta_ads__ads') }} where is_current
),

accounts as (
    select * from {{ ref('stg_meta_ads__accounts') }}
),

purchase_types as (
    select * from {{ ref('purchase_action_types') }} where platform = 'meta_ads'
),

claims as (
    select
        ad_id, stat_date, action_type, action_count,
        cast(null as decimal(18, 4)) as action_original_amount
    from {{ ref('stg_meta_ads__basic_ad_actions') }}
    union all
    select ad_id, stat_date, action_type, null, action_original_amount
    from {{ ref('stg_meta_ads__basic_ad_action_values') }}
),

purchases as (
    select
        claims.ad_id,
        claims.stat_date,
        purchase_types.tier,
        max(claims.action_count) as conversion_count,
        max(claims.action_original_amount) as conversion_original_amount
    from claims
    inner join purchase_types on claims.action_type = purchase_types.action_type
    group by 1, 2, 3
),

-- A kind with a count goes before one with a value only.
ranked as (
    select
        *,
        row_number() over (
            partition by ad_id, stat_date
            order by case when conversion_count is null then 2 else 1 end, tier
        ) as choice_no
    from purchases
)

select
    {{ key_of(["'meta_ads'", "'basic_ad'", 'days.stat_id']) }} as ad_row_key,
    'meta_ads' as platform,
    days.account_id,
    coalesce(days.campaign_id, ads.campaign_id, 'unknown') as campaign_id,
    coalesce(days.currency_code, accounts.currency_code) as currency_code,
    accounts.time_zone,
    days.impression_count,
    days.click_count,
    days.spend_original_amount,
    ranked.conversion_count,
    cast(ranked.conversion_original_amount as decimal(28, 6)) as conversion_original_amount,
    cast(null as decimal(18, 4)) as event_day_conversion_count,
    days.stat_date,
    'basic_ad' as table_name,
    days.file_name,
    days.record_no,
    days.load_no
from days
left join ads on days.ad_id = ads.ad_id
left join accounts on days.account_id = accounts.account_id
left join ranked
    on days.ad_id = ranked.ad_id and days.stat_date = ranked.stat_date and ranked.choice_no = 1
