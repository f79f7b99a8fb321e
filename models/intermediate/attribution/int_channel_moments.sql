-- One row per month, type of conversion and two terms: the sum of their products over journeys.
-- Terms are the touches of each channel, `(all)`, 1 in every journey that ended in the month, and
-- `(converted)`, 1 where it led to a conversion: all that least squares needs.
with counted as (
    select
        conversion_type,
        journey_key,
        is_converted,
        channel_key,
        {{ month_start('ended_date') }} as month_date,
        count(*) as touch_count
    from {{ ref('int_journeys_ended') }}
    where conversion_type <> 'repeat_order'
    group by conversion_type, journey_key, is_converted, channel_key, month_date
),

journeys as (
    select distinct conversion_type, journey_key, is_converted, month_date from counted
),

terms as (
    select conversion_type, journey_key, month_date, channel_key as term, touch_count as amount
    from counted
    union all
    select conversion_type, journey_key, month_date, '(all)', 1 from journeys
    union all
    select conversion_type, journey_key, month_date, '(converted)', 1
    from journeys
    where is_converted
),

halves as (
    select
        terms.conversion_type,
        terms.month_date,
        terms.term as term_a,
        others.term as term_b,
        cast(sum(terms.amount * others.amount) as bigint) as moment
    from terms
    inner join terms as others
        on
            terms.conversion_type = others.conversion_type
            and terms.journey_key = others.journey_key
            and terms.term <= others.term
    group by terms.conversion_type, terms.month_date, terms.term, others.term
)

select conversion_type, term_a, term_b, moment, month_date from halves
union all
select conversion_type, term_b, term_a, moment, month_date from halves where term_a <> term_b
