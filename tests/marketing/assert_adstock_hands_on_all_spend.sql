-- Adstock, summed another way: over all weeks a day's spend is handed on but for what is still to
-- come after the as-of day, or beyond 28 days, which is a power of the carry-over.
with as_of as (
    select as_of_date from {{ ref('dim_as_of') }} where metric_family = 'roi'
),

told as (
    select channel_key, carry_over_rate, sum(7 * adstock_amount) as adstock
    from {{ ref('response_adstocks') }}
    group by 1, 2
),

plain as (
    select
        told.channel_key,
        told.carry_over_rate,
        told.adstock,
        sum(ads.spend * (1 - power(
            {{ as_double('told.carry_over_rate') }},
            least({{ days_between('ads.date_day', 'as_of.as_of_date') }}, 28) + 1
        ))) as plain_adstock
    from told
    cross join as_of
    inner join {{ ref('fct_ad_performance') }} as ads
        on told.channel_key = ads.channel_key and ads.date_day <= as_of.as_of_date
    where ads.spend > 0
    group by 1, 2, 3
)

select * from plain
where abs(adstock - plain_adstock) > 0.001 + 0.000001 * plain_adstock
