-- One row per currency and stretch of days, with its rate to the reporting currency.
-- The reporting currency itself is always 1; days before the first rate use the first.
with rates as (
    select * from {{ ref('exchange_rates') }}
    where
        to_currency = '{{ var("reporting_currency") }}'
        and from_currency <> '{{ var("reporting_currency") }}'
),

ordered as (
    select
        from_currency,
        rate,
        valid_from_date,
        row_number() over (partition by from_currency order by valid_from_date) as rate_no,
        lead(valid_from_date) over (
            partition by from_currency
            order by valid_from_date
        ) as next_from_date
    from rates
)

select
    '{{ var("reporting_currency") }}' as currency_code,
    cast('1900-01-01' as date) as valid_from_date,
    cast('9999-12-31' as date) as valid_to_date,
    cast(1 as decimal(18, 6)) as rate
union all
select
    from_currency,
    case when rate_no = 1 then cast('1900-01-01' as date) else valid_from_date end,
    coalesce(next_from_date, cast('9999-12-31' as date)),
    cast(rate as decimal(18, 6))
from ordered
