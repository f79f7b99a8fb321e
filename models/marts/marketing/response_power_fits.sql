-- One row per channel and carry-over: least squares of the logarithm of weekly new customers, less
-- that of demand, on the logarithm of adstocked spend. The slope is the elasticity.
-- The logarithm of a Poisson count plus one half has nearly the logarithm of its mean for a mean,
-- from two a week on, so weeks without a customer stay in. Weeks without any adstock cannot.
with points as (
    select
        adstocks.channel_key,
        adstocks.carry_over_rate,
        adstocks.adstock_amount,
        ln({{ as_double('adstocks.adstock_amount') }}) as ln_adstock,
        {{ ln_count('weeks.credited_customers') }}
        - {{ ln_count('weeks.unpaid_customers') }}
        + avg({{ ln_count('weeks.unpaid_customers') }}) over (
            partition by adstocks.channel_key, adstocks.carry_over_rate
        ) as ln_customers,
        weeks.credited_customers
    from {{ ref('response_adstocks') }} as adstocks
    inner join {{ ref('response_weeks') }} as weeks
        on
            adstocks.channel_key = weeks.channel_key
            and adstocks.week_end_date = weeks.week_end_date
    where adstocks.is_fitted and adstocks.adstock_amount > 0
),

moments as (
    select
        channel_key,
        carry_over_rate,
        count(*) as weeks,
        {{ as_double('avg(credited_customers)') }} as mean_customers,
        avg(ln_adstock) as mean_x,
        avg(ln_customers) as mean_y,
        var_pop(ln_adstock) as var_x,
        var_pop(ln_customers) as var_y,
        covar_pop(ln_adstock, ln_customers) as covar,
        min(adstock_amount) as least_adstock_amount,
        max(adstock_amount) as most_adstock_amount
    from points
    group by 1, 2
),

-- Spend that never moves has no slope; three points leave nothing to err by.
fits as (
    select
        moments.*,
        case when weeks > 3 and var_x > 0.000001 then covar / var_x end as elasticity,
        case
            when weeks > 3 and var_x > 0.000001
                then greatest(var_y - covar * covar / var_x, 0) * weeks
        end as residual_sum,
        case
            when weeks > 3 and var_x > 0.000001 and var_y > 0.000001
                then covar * covar / var_x / var_y
        end as r_squared
    from moments
),

-- A carry-over under which more spend brings less explains nothing while another one does.
ranked as (
    select
        fits.*,
        row_number() over (
            partition by channel_key
            order by
                case when elasticity > 0 then 0 else 1 end,
                cast(r_squared as decimal(18, 9)) desc nulls last,
                carry_over_rate
        ) as choice_no
    from fits
)

select
    {{ key_of(['channel_key', 'carry_over_rate']) }} as response_power_fit_key,
    channel_key,
    carry_over_rate,
    cast(weeks as bigint) as weeks,
    {{ ratio('mean_customers', '1') }} as mean_weekly_customers,
    least_adstock_amount,
    most_adstock_amount,
    {{ ratio('mean_x', '1') }} as mean_ln_adstock,
    {{ ratio('sqrt(var_x * weeks / nullif(weeks - 1, 0))', '1') }} as ln_adstock_deviation,
    {{ ratio('elasticity', '1') }} as elasticity,
    {{ ratio(
        'sqrt(residual_sum / (weeks - 2) / (weeks * var_x))', '1'
    ) }} as elasticity_standard_error,
    -- customers of a day, not a week
    {{ ratio('mean_y - elasticity * mean_x - ln(' ~ as_double('7') ~ ')', '1') }} as ln_scale,
    {{ ratio('residual_sum', '1') }} as residual_sum,
    {{ ratio('residual_sum / (weeks - 2)', '1') }} as residual_variance,
    {{ ratio('r_squared', '1') }} as r_squared,
    choice_no = 1 as is_chosen
from ranked
