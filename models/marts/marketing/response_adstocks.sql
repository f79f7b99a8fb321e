-- One row per channel, week and share of a day's effect that is left the next day: adstocked spend
-- a day, (1 - c) * sum of c^l * spend l days earlier, l up to 28 days, as the mean of the week.
-- A spend that never changes is its own adstock, whatever is carried over.
with as_of as (
    select as_of_date from {{ ref('dim_as_of') }} where metric_family = 'roi'
),

lags as (
    select cast(grid_value as integer) as lag_days
    from {{ ref('response_grids') }}
    where grid_axis = 'lag_days'
),

carry_overs as (
    select grid_value as carry_over_rate
    from {{ ref('response_grids') }}
    where grid_axis = 'carry_over'
),

effects as (
    select
        ads.channel_key,
        ads.spend,
        lags.lag_days,
        {{ add_days('ads.date_day', 'lags.lag_days') }} as effect_date
    from {{ ref('fct_ad_performance') }} as ads
    cross join lags
    where ads.spend > 0
),

weekly as (
    select
        effects.channel_key,
        effects.lag_days,
        {{ weeks_before('effects.effect_date', 'as_of.as_of_date') }} as week_no,
        sum(effects.spend) as spend
    from effects
    inner join as_of on effects.effect_date <= as_of.as_of_date
    group by 1, 2, 3
),

adstocks as (
    select
        weekly.channel_key,
        carry_overs.carry_over_rate,
        {{ add_days('as_of.as_of_date', '-7 * weekly.week_no') }} as week_end_date,
        sum(
            (1 - {{ as_double('carry_overs.carry_over_rate') }})
            * power({{ as_double('carry_overs.carry_over_rate') }}, weekly.lag_days) * weekly.spend
        ) / 7 as adstock
    from weekly
    cross join carry_overs
    cross join as_of
    group by 1, 2, 3
)

select
    {{ key_of(
        ['adstocks.channel_key', 'adstocks.carry_over_rate', 'adstocks.week_end_date']
    ) }} as response_adstock_key,
    adstocks.channel_key,
    cast(adstocks.carry_over_rate as decimal(18, 6)) as carry_over_rate,
    {{ ratio('adstocks.adstock', '1') }} as adstock_amount,
    weeks.is_fitted,
    adstocks.week_end_date
from adstocks
inner join {{ ref('response_weeks') }} as weeks
    on
        adstocks.channel_key = weeks.channel_key
        and adstocks.week_end_date = weeks.week_end_date
