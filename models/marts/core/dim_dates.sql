-- One row per calendar day from the first business day seen to the last, whole years.
-- Weeks begin on Monday.
with seen as (
    select
        min(event_date) as first_date,
        max(event_date) as last_date
    from {{ ref('int_events_identified') }}
    union all
    select min(stat_date), max(stat_date) from {{ ref('int_ad_performance') }}
),

bounds as (
    select
        cast({{ dbt.date_trunc('year', 'min(first_date)') }} as date) as first_date,
        {{ add_days(dbt.date_trunc('year', add_days('max(last_date)', 366)), -1) }} as last_date
    from seen
),

digits as (
    select 0 as digit
    union all select 1 union all select 2 union all select 3 union all select 4
    union all select 5 union all select 6 union all select 7 union all select 8 union all select 9
),

numbers as (
    select
        ones.digit + 10 * tens.digit + 100 * hundreds.digit + 1000 * thousands.digit
        + 10000 * myriads.digit as day_no
    from digits as ones
    cross join digits as tens
    cross join digits as hundreds
    cross join digits as thousands
    cross join (select digit from digits where digit < 2) as myriads
),

days as (
    select {{ add_days('bounds.first_date', 'numbers.day_no') }} as date_day
    from bounds
    cross join numbers
    where numbers.day_no <= {{ days_between('bounds.first_date', 'bounds.last_date') }}
)

select
    date_day,
    {{ month_start('date_day') }} as month_date,
    cast({{ dbt.date_trunc('week', 'date_day') }} as date) as week_date,
    cast({{ dbt.date_trunc('quarter', 'date_day') }} as date) as quarter_date,
    cast(extract(year from date_day) as bigint) as year_number,
    cast(extract(month from date_day) as bigint) as month_number,
    cast(
        {{ days_between(dbt.date_trunc('week', 'date_day'), 'date_day') }} + 1 as bigint
    ) as weekday_number
from days
