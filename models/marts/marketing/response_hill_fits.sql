-- One row per channel: the best of a grid of Hill curves, customers = top * a^s / (k^s + a^s) of
-- adstocked spend a, under the carry-over that the power curve chose.
-- Of each half-saturation k and shape s the best top is a mean of logarithms, so that a grid will
-- do. Shapes are at most 1: returns fall with spend from the first unit on.
with powers as (
    select * from {{ ref('response_power_fits') }} where is_chosen and elasticity is not null
),

shapes as (
    select grid_value as shape from {{ ref('response_grids') }} where grid_axis = 'shape'
),

halves as (
    select grid_value as half from {{ ref('response_grids') }} where grid_axis = 'half_saturation'
),

points as (
    select
        powers.channel_key,
        exp({{ as_double('powers.mean_ln_adstock') }}) as usual_adstock,
        {{ as_double('adstocks.adstock_amount') }} as adstock,
        {{ ln_count('weeks.credited_customers') }}
        - {{ ln_count('weeks.unpaid_customers') }}
        + avg({{ ln_count('weeks.unpaid_customers') }}) over (
            partition by adstocks.channel_key
        ) as ln_customers
    from powers
    inner join {{ ref('response_adstocks') }} as adstocks
        on
            powers.channel_key = adstocks.channel_key
            and powers.carry_over_rate = adstocks.carry_over_rate
    inner join {{ ref('response_weeks') }} as weeks
        on
            adstocks.channel_key = weeks.channel_key
            and adstocks.week_end_date = weeks.week_end_date
    where adstocks.is_fitted and adstocks.adstock_amount > 0
),

residuals as (
    select
        points.channel_key,
        {{ as_double('shapes.shape') }} as shape,
        points.usual_adstock * {{ as_double('halves.half') }} as half_saturation,
        points.ln_customers
        + ln(
            1 + power(
                points.usual_adstock * {{ as_double('halves.half') }} / points.adstock,
                {{ as_double('shapes.shape') }}
            )
        ) as ln_top
    from points
    cross join shapes
    cross join halves
),

fits as (
    select
        channel_key,
        shape,
        half_saturation,
        count(*) as weeks,
        avg(ln_top) as ln_top,
        var_pop(ln_top) * count(*) as residual_sum
    from residuals
    group by 1, 2, 3
),

ranked as (
    select
        fits.*,
        row_number() over (
            partition by channel_key
            order by cast(residual_sum as decimal(18, 9)), 1 - shape, half_saturation
        ) as choice_no
    from fits
)

select
    channel_key,
    cast(weeks as bigint) as weeks,
    {{ ratio('shape', '1') }} as shape,
    {{ ratio('half_saturation', '1') }} as half_saturation_amount,
    -- customers of a day, not a week
    {{ ratio('ln_top - ln(' ~ as_double('7') ~ ')', '1') }} as ln_top,
    {{ ratio('residual_sum', '1') }} as residual_sum
from ranked
where choice_no = 1
