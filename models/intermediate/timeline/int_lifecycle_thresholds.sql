-- One row per category, with the days of silence after which its buyers cool down or have lapsed.
-- Quantiles of the gap of those who return, from the second purchase on: F(t) / F(horizon) of the
-- Kaplan-Meier curve. Too few gaps in the category: those of all; too few in all: the defaults.
with gaps as (
    select * from {{ ref('int_purchase_gaps') }}
),

defaults as (
    select * from {{ ref('lifecycle_defaults') }}
),

scopes as (
    select category_name, gap_days, is_returned from gaps where purchase_number >= 2
    union all
    select 'all', gap_days, is_returned from gaps where purchase_number >= 2
),

tallied as (
    select
        category_name,
        gap_days,
        count(*) as gap_count,
        count(case when is_returned then 1 end) as returned_count
    from scopes
    group by 1, 2
),

at_risk as (
    select
        *,
        sum(gap_count) over (partition by category_name order by gap_days desc) as at_risk_count
    from tallied
),

curves as (
    select
        category_name,
        gap_days,
        returned_count,
        {{ km_survival('returned_count', 'at_risk_count', 'ages') }} as survival
    from at_risk
    window ages as (partition by category_name order by gap_days)
),

bounded as (
    select
        curves.*,
        1 - min(curves.survival) over (partition by curves.category_name) as returning_share
    from curves
    inner join defaults on curves.gap_days <= defaults.horizon_days
),

quantiles as (
    select
        category_name,
        sum(returned_count) as returned_count,
        min(
            case when {{ km_has_ended('survival', '0.5', 'returning_share') }} then gap_days end
        ) as p50_days,
        min(
            case when {{ km_has_ended('survival', '0.8', 'returning_share') }} then gap_days end
        ) as p80_days,
        min(
            case when {{ km_has_ended('survival', '0.9', 'returning_share') }} then gap_days end
        ) as p90_days
    from bounded
    group by 1
),

categories as (
    select distinct category_name from gaps
),

chosen as (
    select
        categories.category_name,
        coalesce(quantiles.returned_count, 0) as returned_count,
        case
            when
                quantiles.returned_count >= defaults.minimum_gaps
                and categories.category_name <> 'unknown'
                then 'category'
            when pooled.returned_count >= defaults.minimum_gaps then 'pooled'
            else 'default'
        end as threshold_origin
    from categories
    cross join defaults
    left join quantiles on categories.category_name = quantiles.category_name
    left join quantiles as pooled on pooled.category_name = 'all'
)

select
    chosen.category_name,
    chosen.threshold_origin,
    cast(chosen.returned_count as bigint) as returned_count,
    cast(coalesce(quantiles.p50_days, defaults.p50_days) as bigint) as p50_days,
    cast(coalesce(quantiles.p80_days, defaults.p80_days) as bigint) as p80_days,
    cast(coalesce(quantiles.p90_days, defaults.p90_days) as bigint) as p90_days
from chosen
cross join defaults
left join quantiles
    on
        (chosen.threshold_origin = 'category' and chosen.category_name = quantiles.category_name)
        or (chosen.threshold_origin = 'pooled' and quantiles.category_name = 'all')
