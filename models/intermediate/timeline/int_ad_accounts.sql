-- One row per ad account that reports spend, with its currency and zone.
-- What ad_accounts lists wins over what the export says. Without either, or when the export says
-- two currencies, it is null.
with reported as (
    select
        platform,
        account_id,
        case
            when min(currency_code) = max(currency_code) then min(currency_code)
        end as currency_code,
        min(time_zone) as time_zone
    from {{ ref('int_all__ad_performance') }}
    group by 1, 2
),

listed as (
    select * from {{ ref('ad_accounts') }}
)

select
    {{ key_of(['reported.platform', 'reported.account_id']) }} as ad_account_key,
    reported.platform,
    reported.account_id,
    coalesce(listed.currency_code, reported.currency_code) as currency_code,
    coalesce(listed.time_zone, reported.time_zone, 'unknown') as time_zone
from reported
left join listed
    on reported.platform = listed.platform and reported.account_id = listed.account_id
