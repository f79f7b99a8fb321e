-- One row per version and channel with what one touch adds to the chance of a conversion.
-- For the model `data_driven`: least squares of converted or not, less the base, on the touches of
-- each channel, over journeys that led to a conversion and those that did not. There is no free
-- constant: journeys end at their conversion, so it would take what channels have in common.
with sums as (
    select
        versions.version_no,
        moments.term_a,
        moments.term_b,
        {{ as_double('sum(moments.moment)') }} as moment
    from {{ ref('int_attribution_versions') }} as versions
    inner join {{ ref('int_channel_moments') }} as moments
        on
            versions.conversion_type = moments.conversion_type
            and moments.month_date >= versions.first_month_date
            and moments.month_date <= versions.version_month_date
    group by versions.version_no, moments.term_a, moments.term_b
),

-- Divided by these scales the diagonal is 1.
terms as (
    select
        version_no,
        term_a as term,
        sqrt(moment) as scale,
        row_number() over (partition by version_no order by term_a) as term_no
    from sums
    where term_a = term_b and term_a not in ('(all)', '(converted)')
),

cells as (
    select
        terms.version_no as system_no,
        terms.term_no as row_no,
        others.term_no as column_no,
        coalesce(sums.moment, 0) / terms.scale / others.scale as cell_value
    from terms
    inner join terms as others on terms.version_no = others.version_no
    left join sums
        on
            terms.version_no = sums.version_no
            and terms.term = sums.term_a
            and others.term = sums.term_b
    union all
    select
        terms.version_no,
        terms.term_no,
        0,
        sum(case
            when sums.term_b = '(converted)' then sums.moment
            else -{{ var('base_conversion_rate') }} * sums.moment
        end) / terms.scale
    from terms
    inner join sums on terms.version_no = sums.version_no and terms.term = sums.term_a
    where sums.term_b in ('(all)', '(converted)')
    group by terms.version_no, terms.term_no, terms.scale
),

solved as (
    select * from {{ swept_systems('cells', var('attribution_channel_limit')) }} as solved
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
