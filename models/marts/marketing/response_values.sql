-- One row per channel with credited first orders: what a new customer that the headline model
-- credits to it is worth, and how much of the credit lift tests found to be caused.
-- Worth is margin within the days of var budget_value_days, net revenue where no cost is known at
-- all; an order of unknown cost adds nothing. A test of single campaigns speaks for no channel.
with as_of as (
    select as_of_date from {{ ref('dim_as_of') }} where metric_family = 'roi'
),

customers as (
    select customer_values.*
    from {{ ref('int_cohort_values') }} as customer_values
    inner join as_of
        on {{ add_days(
            'customer_values.first_order_date', 'cast(customer_values.horizon_days as integer)'
        ) }} <= as_of.as_of_date
    where
        customer_values.first_order_status = 'known'
        and customer_values.horizon_days = {{ var('budget_value_days') }}
),

basis as (
    select
        case
            when sum(costed_net_revenue_amount) > 0 then 'margin' else 'net_revenue'
        end as value_type
    from customers
),

credits as (
    select
        attribution.channel_key,
        basis.value_type,
        {{ as_double('attribution.credit_share') }} as credit,
        {{ as_double(
            "case when basis.value_type = 'margin' then coalesce(customers.margin_amount, 0)"
            " else customers.net_revenue_amount end"
        ) }} as worth
    from {{ ref('fct_attribution') }} as attribution
    inner join customers on attribution.user_key = customers.user_key
    cross join basis
    where attribution.is_headline and attribution.conversion_type = 'first_order'
),

sums as (
    select
        channel_key,
        value_type,
        sum(credit) as customers,
        sum(credit * worth) as worth,
        sum(credit * worth * worth) as squared_worth,
        sum(credit * credit) as squared_credit
    from credits
    group by 1, 2
),

-- As in calibration_coverage: a test speaks for a year, if it weighs at least as much as the model.
-- The model is the headline of today.
tests as (
    select
        calibration.channel_key,
        {{ as_double('sum(calibration.incremental_conversions)') }} as caused,
        {{ as_double('sum(calibration.credited_conversions)') }} as credited,
        {{ as_double(
            'sum(calibration.standard_error * calibration.standard_error)'
        ) }} as squared_error
    from {{ ref('attribution_calibration') }} as calibration
    inner join as_of
        on calibration.compared_until_date > {{ add_days('as_of.as_of_date', -365) }}
    where
        calibration.attribution_model in (
            select coverage.attribution_model from {{ ref('calibration_coverage') }} as coverage
            where coverage.is_headline
        )
        and calibration.conversion_type = 'first_order'
        and calibration.campaign_id = 'all'
        and calibration.test_weight >= 0.5
        and calibration.incremental_conversions > 0
    group by 1
)

select
    sums.channel_key,
    sums.value_type,
    {{ ratio('sums.customers', '1') }} as valued_customers,
    cast({{ to_cents(ratio('sums.worth', '1')) }} as decimal(18, 2)) as value_amount,
    {{ ratio('tests.caused', 'tests.credited') }} as caused_per_credited,
    {{ ratio(
        'sums.worth / sums.customers * coalesce(tests.caused / tests.credited, 1)', '1'
    ) }} as customer_value_amount,
    -- relative variance of the mean of the customers, and of the tests
    {{ ratio(
        'greatest(sums.squared_worth / sums.customers - power(sums.worth / sums.customers, 2), 0)'
        ' * sums.squared_credit / nullif(sums.worth * sums.worth, 0)'
        ' + coalesce(tests.squared_error / (tests.caused * tests.caused), 0)', '1'
    ) }} as value_variance,
    tests.caused is not null as is_calibrated
from sums
left join tests on sums.channel_key = tests.channel_key
