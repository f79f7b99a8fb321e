-- One row per version and channel with what one touch adds to the chance of a conversion.
-- For the model `data_driven`: least squares of converted or not on the touches of each channel,
-- over journeys that led to a conversion and those that did not; never below 0.
with sums as (
    select
        versions.version_no,
        moments.term_a,
        moments.term_b,
        cast(sum(moments.moment) as double precision) as moment
    from {{ ref('int_attribution_versions') }} as versions
    inner join {{ ref('int_channel_moments') }} as moments
        on
            versions.conversion_type = moments.conversion_type
            and moments.month_date >= versions.first_month_date
            and moments.month_date <= versions.version_month_date
    group by 1, 2, 3
),

-- The constant is the first unknown. Divided by these scales the diagonal is 1.
terms as (
    select
        version_no,
        term_a as term,
        sqrt(moment) as scale,
        row_number() over (
            partition by version_no
            order by case when term_a = '(all)' then 0 else 1 end, term_a
        ) as term_no
    from sums
    where term_a = term_b and term_a <> '(converted)'
),

targets as (
    select version_no, term, term_no, scale from terms
    union all
    select version_no, '(converted)', 0, 1 from terms where term_no = 1
),

cells as (
    select
        terms.version_no as system_no,
        terms.term_no as row_no,
        targets.term_no as column_no,
        coalesce(sums.moment, 0) / terms.scale / targets.scale as cell_value
    from terms
    inner join targets on terms.version_no = targets.version_no
    left join sums
        on
            terms.version_no = sums.version_no
            and terms.term = sums.term_a
            and targets.term = sums.term_b
),

solved as (
    select * from {{ swept_systems('cells', var('attribution_channel_limit') + 1) }} as solved
)

select
    terms.version_no,
    terms.term as channel_key,
    solved.cell_value / terms.scale as fitted_hazard,
    greatest(solved.cell_value / terms.scale, 0) as hazard
from terms
inner join solved
    on
        terms.version_no = solved.system_no
        and terms.term_no = solved.row_no
        and solved.column_no = 0
where terms.term <> '(all)'
