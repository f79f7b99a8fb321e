-- One row per report row of every ad platform, in the reporting currency.
-- A row of an account without a currency, or of a currency without a rate, is rejected by name,
-- never guessed. Days stay those of the account.
with performance as (
    select * from {{ ref('int_all__ad_performance') }}
),

accounts as (
    select * from {{ ref('int_ad_accounts') }}
),

rates as (
    select * from {{ ref('int_exchange_rates') }}
)

select
    performance.ad_row_key,
    performance.platform,
    performance.account_id,
    performance.campaign_id,
    accounts.currency_code,
    accounts.time_zone,
    case when rates.rate is null then 'rejected' else 'accepted' end as row_status,
    case
        when accounts.currency_code is null then 'account:no_currency_' || performance.account_id
        when rates.rate is null then 'account:no_rate_' || accounts.currency_code
        else ''
    end as reject_reasons,
    performance.impression_count,
    performance.click_count,
    performance.spend_original_amount,
    rates.rate,
    {{ to_cents('performance.spend_original_amount * rates.rate') }} as spend_amount,
    performance.conversion_count,
    {{ to_cents(
        'coalesce(performance.conversion_original_amount, 0) * rates.rate'
    ) }} as conversion_amount,
    performance.event_day_conversion_count,
    performance.stat_date,
    performance.table_name,
    performance.file_name,
    performance.record_no,
    performance.load_no
from performance
inner join accounts
    on performance.platform = accounts.platform and performance.account_id = accounts.account_id
left join rates
    on
        accounts.currency_code = rates.currency_code
        and performance.stat_date >= rates.valid_from_date
        and performance.stat_date < rates.valid_to_date
