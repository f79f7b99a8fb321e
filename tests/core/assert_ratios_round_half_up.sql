-- Hundredths divided by 32 end in 5 at the seventh decimal again and again; whole numbers know how
-- they round.
with numbers as (
    select row_number() over (order by date_day) * 7 as hundredths from {{ ref('dim_dates') }}
),

rounded as (
    select
        hundredths,
        {{ ratio('hundredths * 0.01', '32') }} as found_rate,
        cast(
            {{ floor_div('hundredths * 20000 + 32', '64') }} * 0.000001 as decimal(18, 6)
        ) as expected_rate
    from numbers
)

select * from rounded where found_rate <> expected_rate
