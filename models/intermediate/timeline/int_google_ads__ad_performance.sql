-- One row per report row of Google Ads, in the reporting currency.
-- An account's currency comes from its export, else from the ad_accounts seed; without one the row
-- is rejected by name, never guessed. Days stay those of the account.
{{ config(materialized='view') }}

with stats as (
    select * from {{ ref('stg_google_ads__campaign_stats') }}
),

accounts as (
    select * from {{ ref('stg_google_ads__accounts') }}
),

listed as (
    select * from {{ ref('ad_accounts') }} where platform = 'google_ads'
),

rates as (
    select * from {{ ref('int_exchange_rates') }}
),

priced as (
    select
        stats.*,
        coalesce(accounts.currency_code, listed.currency_code) as currency_code,
        coalesce(accounts.time_zone, listed.time_zone) as time_zone
    from stats
    left join accounts on stats.account_id = accounts.account_id
    left join listed on stats.account_id = listed.account_id
)

select
    {{ key_of(["'google_ads'", "'campaign_stats'", 'priced.stat_id']) }} as ad_row_key,
    'google_ads' as platform,
    priced.account_id,
    priced.campaign_id,
    priced.stat_id,
    priced.currency_code,
    coalesce(priced.time_zone, 'unknown') as time_zone,
    case when rates.rate is null then 'rejected' else 'accepted' end as row_status,
    case
        when priced.currency_code is null then 'account:no_currency_' || priced.account_id
        when rates.rate is null then 'account:no_rate_' || priced.currency_code
        else ''
    end as reject_reasons,
    priced.impression_count,
    priced.click_count,
    priced.spend_original_amount,
    rates.rate,
    {{ to_cents('priced.spend_original_amount * rates.rate') }} as spend_amount,
    priced.conversion_count,
    {{ to_cents(
        'coalesce(priced.conversion_original_amount, 0) * rates.rate'
    ) }} as conversion_amount,
    priced.stat_date,
    priced.file_name,
    priced.record_no,
    priced.load_no
from priced
left join rates
    on
        priced.currency_code = rates.currency_code
        and priced.stat_date >= rates.valid_from_date
        and priced.stat_date < rates.valid_to_date
