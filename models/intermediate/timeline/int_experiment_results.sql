-- One row per result of a lift test, in the reporting currency and our words, up to the as-of day.
-- A test that names no metric, or orders as such, counted all orders; what else it may name is
-- `other` and compares with nothing. One that runs beyond the as-of day keeps its days so far, with
-- effect, error and spend in proportion; one that begins later is left out.
with results as (
    select * from {{ ref('stg_experiments__results') }}
),

rates as (
    select * from {{ ref('int_exchange_rates') }}
),

as_of as (
    select as_of_date from {{ ref('int_as_of') }} where metric_family = 'roi'
),

clipped as (
    select
        results.*,
        least(results.ended_date, as_of.as_of_date) as compared_until_date,
        {{ days_between('results.started_date', 'results.ended_date') }} + 1 as period_days,
        {{ days_between(
            'results.started_date', 'least(results.ended_date, as_of.as_of_date)'
        ) }} + 1 as compared_days
    from results
    inner join as_of on results.started_date <= as_of.as_of_date
)

select
    clipped.result_id as result_key,
    clipped.experiment_id,
    coalesce(clipped.metric_name, 'order') as metric_name,
    case
        when clipped.metric_name in ('registration', 'registrations', 'sign_up')
            then 'registration'
        when clipped.metric_name in ('first_order', 'first_orders', 'new_customers')
            then 'first_order'
        when clipped.metric_name in ('repeat_order', 'repeat_orders') then 'repeat_order'
        when
            coalesce(clipped.metric_name, 'order') in ('order', 'orders', 'purchase', 'purchases')
            then 'order'
        else 'other'
    end as conversion_type,
    clipped.platform,
    clipped.channel_key,
    clipped.campaign_id,
    cast(clipped.period_days as bigint) as period_days,
    cast(clipped.compared_days as bigint) as compared_days,
    {{ ratio(
        'clipped.conversion_count * clipped.compared_days', 'clipped.period_days'
    ) }} as incremental_conversions,
    {{ ratio(
        'clipped.standard_error * clipped.compared_days', 'clipped.period_days'
    ) }} as standard_error,
    {{ to_cents(ratio(
        'clipped.spend_original_amount * clipped.compared_days * rates.rate', 'clipped.period_days'
    )) }} as tested_spend_amount,
    clipped.started_date,
    clipped.ended_date,
    clipped.compared_until_date
from clipped
left join rates
    on
        clipped.currency_code = rates.currency_code
        and clipped.started_date >= rates.valid_from_date
        and clipped.started_date < rates.valid_to_date
