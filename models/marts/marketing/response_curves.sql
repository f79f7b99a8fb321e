-- One row per channel that was ever spent on: how its new customers answer to spend, and whether
-- that is to be believed. Spend of today is the mean of the last 28 days.
-- Spend that goes with demand is told apart from spend that makes it by demand of channels that
-- nobody pays for, of the same week and of the one before.
with weeks as (
    select
        *,
        row_number() over (partition by channel_key order by week_end_date desc) as week_no,
        {{ ln_count('unpaid_customers') }} as ln_demand,
        lag({{ ln_count('unpaid_customers') }}) over (
            partition by channel_key order by week_end_date
        ) as ln_demand_before
    from {{ ref('response_weeks') }}
),

currents as (
    select channel_key, sum(spend) as spend, max(week_end_date) as as_of_date
    from weeks
    where week_no <= 4
    group by 1
),

followed as (
    select
        channel_key,
        {{ determination('ln(' ~ as_double('spend') ~ ')', 'ln_demand') }} as same_week,
        {{ determination('ln(' ~ as_double('spend') ~ ')', 'ln_demand_before') }} as week_before
    from weeks
    where is_fitted and spend > 0
    group by 1
),

powers as (
    select * from {{ ref('response_power_fits') }} where is_chosen
),

-- Both curves flatten as spend grows; the one nearer to the weeks is taken.
models as (
    select
        powers.channel_key,
        hills.shape,
        hills.half_saturation_amount,
        hills.ln_top,
        case
            when hills.residual_sum < powers.residual_sum then 'hill' else 'power'
        end as response_model
    from powers
    left join {{ ref('response_hill_fits') }} as hills on powers.channel_key = hills.channel_key
)

select
    currents.channel_key,
    customer_values.value_type,
    coalesce(models.response_model, 'none') as response_model,
    case
        when currents.spend = 0 then 'no_spend'
        when coalesce(customer_values.customer_value_amount, 0) <= 0 then 'no_value'
        when coalesce(powers.mean_weekly_customers, 0) < 2 then 'few_customers'
        when greatest(followed.same_week, followed.week_before) >= 0.4 then 'endogenous_spend'
        when
            powers.weeks < 13
            or powers.elasticity is null
            or powers.ln_adstock_deviation < 0.2
            or powers.elasticity_standard_error > 0.25
            then 'insufficient_variation'
        when powers.elasticity <= 0 or powers.elasticity >= 1 then 'endogenous_spend'
        else 'recommended'
    end as response_status,
    powers.weeks,
    powers.mean_weekly_customers,
    customer_values.customer_value_amount,
    customer_values.value_variance,
    cast({{ to_cents(ratio('currents.spend', '28')) }} as decimal(18, 2))
        as current_daily_spend_amount,
    powers.least_adstock_amount,
    powers.most_adstock_amount,
    powers.carry_over_rate,
    powers.mean_ln_adstock,
    powers.ln_adstock_deviation,
    powers.elasticity,
    powers.elasticity_standard_error,
    powers.residual_variance,
    powers.r_squared,
    {{ ratio('greatest(followed.same_week, followed.week_before)', '1') }} as demand_r_squared,
    powers.ln_scale,
    models.ln_top,
    models.shape,
    models.half_saturation_amount,
    coalesce(customer_values.is_calibrated, false) as is_calibrated,
    currents.as_of_date
from currents
left join powers on currents.channel_key = powers.channel_key
left join models on currents.channel_key = models.channel_key
left join followed on currents.channel_key = followed.channel_key
left join {{ ref('response_values') }} as customer_values
    on currents.channel_key = customer_values.channel_key
