-- One row per customer and month, from the month of the first purchase on: the state at its end.
-- In the running month the state is that of the as-of day. Scores rank the customers of one month
-- among themselves by ceil(5 * cume_dist()), in whole numbers; equal customers share a score.
with stages as (
    select * from {{ ref('user_lifecycle') }}
),

purchases as (
    select
        user_key,
        purchase_number,
        min(purchase_date) over so_far as first_purchase_date,
        sum(net_revenue_amount) over so_far as net_revenue_amount
    from {{ ref('int_purchases') }}
    window so_far as (partition by user_key order by purchase_number)
),

months as (
    select distinct
        dim_dates.month_date,
        least({{ month_end('dim_dates.month_date') }}, as_of.as_of_date) as state_date,
        {{ month_end('dim_dates.month_date') }} <= as_of.as_of_date as is_complete
    from {{ ref('dim_dates') }} as dim_dates
    inner join {{ ref('dim_as_of') }} as as_of
        on as_of.metric_family = 'orders' and dim_dates.date_day <= as_of.as_of_date
),

states as (
    select
        months.*,
        stages.user_key,
        stages.lifecycle_stage,
        stages.purchase_number as purchase_count,
        stages.p80_days,
        stages.last_purchase_date,
        purchases.net_revenue_amount,
        {{ days_between('stages.last_purchase_date', 'months.state_date') }} as silent_days,
        {{ floor_div(
            days_between('purchases.first_purchase_date', 'stages.last_purchase_date'),
            'nullif(stages.purchase_number - 1, 0)'
        ) }} as usual_gap_days
    from months
    inner join stages
        on
            months.state_date >= stages.valid_from_date
            and (stages.valid_to_date is null or months.state_date < stages.valid_to_date)
    inner join purchases
        on
            stages.user_key = purchases.user_key
            and stages.purchase_number = purchases.purchase_number
),

-- How many customers are not better, and what the better ones brought.
ranked as (
    select
        states.*,
        count(*) over (partition by month_date) as customers,
        count(*) over (partition by month_date order by last_purchase_date) as recency_count,
        count(*) over (partition by month_date order by purchase_count) as frequency_count,
        count(*) over (partition by month_date order by net_revenue_amount) as monetary_count,
        sum(net_revenue_amount) over (partition by month_date) as total_amount,
        sum(net_revenue_amount) over (partition by month_date order by net_revenue_amount desc)
        - sum(net_revenue_amount) over (partition by month_date, net_revenue_amount)
            as better_amount
    from states
),

scored as (
    select
        ranked.*,
        {{ ceil_div('5 * recency_count', 'customers') }} as recency_score,
        {{ ceil_div('5 * frequency_count', 'customers') }} as frequency_score,
        {{ ceil_div('5 * monetary_count', 'customers') }} as monetary_score,
        case
            when lifecycle_stage = 'lapsed' then null
            when purchase_count >= 3 and silent_days > 2 * usual_gap_days
                then 'silent ' || silent_days || ' days, usual gap ' || usual_gap_days
            when lifecycle_stage = 'at_risk'
                then 'silent ' || silent_days || ' days, most who return do so by ' || p80_days
        end as lapse_reason
    from ranked
)

select
    {{ key_of(['scored.user_key', 'scored.month_date']) }} as user_segment_key,
    scored.user_key,
    scored.lifecycle_stage,
    rfm_segments.rfm_segment_name,
    value_tiers.value_tier_name,
    scored.lapse_reason,
    cast(scored.purchase_count as bigint) as purchase_count,
    scored.silent_days,
    scored.usual_gap_days,
    cast(scored.net_revenue_amount as decimal(18, 2)) as net_revenue_amount,
    cast(scored.recency_score as bigint) as recency_score,
    cast(scored.frequency_score as bigint) as frequency_score,
    cast(scored.monetary_score as bigint) as monetary_score,
    scored.lapse_reason is not null as is_lapse_warned,
    scored.is_complete,
    scored.month_date,
    scored.state_date
from scored
inner join {{ ref('rfm_segments') }} as rfm_segments
    on
        scored.recency_score between rfm_segments.recency_from and rfm_segments.recency_to
        and scored.frequency_score between rfm_segments.frequency_from and rfm_segments.frequency_to
        and scored.monetary_score between rfm_segments.monetary_from and rfm_segments.monetary_to
inner join {{ ref('value_tiers') }} as value_tiers
    on
        100 * scored.better_amount >= value_tiers.from_percent * scored.total_amount
        and (
            value_tiers.to_percent is null
            or 100 * scored.better_amount < value_tiers.to_percent * scored.total_amount
        )
