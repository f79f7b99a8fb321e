-- Each of the 125 sets of three scores is of exactly one segment.
with scores as (
    select 1 as score union all select 2 union all select 3 union all select 4 union all select 5
),

combinations as (
    select
        recency.score || ' ' || frequency.score || ' ' || monetary.score as combination,
        count(rfm_segments.rfm_segment_name) as segment_count
    from scores as recency
    cross join scores as frequency
    cross join scores as monetary
    left join {{ ref('rfm_segments') }} as rfm_segments
        on
            recency.score between rfm_segments.recency_from and rfm_segments.recency_to
            and frequency.score between rfm_segments.frequency_from and rfm_segments.frequency_to
            and monetary.score between rfm_segments.monetary_from and rfm_segments.monetary_to
    group by 1
)

select
    'rfm_segments' as seed_name,
    'the list' as seed_row,
    'recency_from' as column_name,
    'the scores ' || combination || ' are in ' || segment_count || ' segments, not in one'
        as problem
from combinations
where segment_count <> 1
