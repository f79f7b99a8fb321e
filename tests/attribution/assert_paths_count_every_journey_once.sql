-- In each path type every conversion up to the as-of day, all its money and every journey that led
-- nowhere by then stand once.
with paths as (
    select
        path_type,
        conversion_type,
        sum(conversion_count) as conversion_count,
        sum(net_revenue_amount) as net_revenue_amount,
        coalesce(sum(lost_journey_count), 0) as lost_journey_count
    from {{ ref('journey_paths') }}
    group by 1, 2
),

conversions as (
    select
        conversion_type,
        count(*) as conversion_count,
        sum(net_revenue_amount) as net_revenue_amount
    from {{ ref('int_conversions') }}
    where
        conversion_date <= (
            select as_of.as_of_date from {{ ref('dim_as_of') }} as as_of
            where as_of.metric_family = 'activity'
        )
    group by 1
),

lost as (
    select conversion_type, count(distinct journey_key) as lost_journey_count
    from {{ ref('int_journeys_without_conversion') }}
    group by 1
),

path_types as (
    select distinct path_type from paths
)

select conversions.conversion_type, path_types.path_type
from conversions
cross join path_types
left join lost on conversions.conversion_type = lost.conversion_type
left join paths
    on
        conversions.conversion_type = paths.conversion_type
        and path_types.path_type = paths.path_type
where
    coalesce(paths.conversion_count, 0) <> conversions.conversion_count
    or coalesce(paths.net_revenue_amount, 0) <> conversions.net_revenue_amount
    or coalesce(paths.lost_journey_count, 0) <> coalesce(lost.lost_journey_count, 0)
