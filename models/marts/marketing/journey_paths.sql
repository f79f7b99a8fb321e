-- One row per month, type of conversion and path of channels: what it led to, and how often not.
-- Each journey stands once in each path type. A journey without a conversion is of the month in
-- which its last touch was forgotten; conversions count up to the same as-of day.
with as_of as (
    select as_of_date from {{ ref('dim_as_of') }} where metric_family = 'activity'
),

conversions as (
    select conversions.*
    from {{ ref('int_conversions') }} as conversions
    inner join as_of on conversions.conversion_date <= as_of.as_of_date
),

paths as (
    select * from {{ ref('int_journey_paths') }}
),

path_types as (
    select 'collapsed' as path_type
    union all
    select 'unique'
),

journeys as (
    select
        conversions.conversion_type,
        path_types.path_type,
        coalesce(paths.journey_path, 'unattributed') as journey_path,
        1 as conversion_count,
        0 as lost_journey_count,
        case when paths.journey_key is not null then 1 else 0 end as touched_count,
        conversions.net_revenue_amount,
        {{ floor_div(
            seconds_between('paths.first_touched_at', 'conversions.converted_at'), '86400'
        ) }} as journey_days,
        {{ month_start('conversions.conversion_date') }} as month_date
    from conversions
    cross join path_types
    left join paths
        on
            conversions.conversion_key = paths.journey_key
            and path_types.path_type = paths.path_type
    union all
    select
        conversion_type,
        path_type,
        journey_path,
        0,
        1,
        0,
        0,
        null,
        {{ month_start('ended_date') }}
    from paths
    where not is_converted
),

summed as (
    select
        conversion_type,
        path_type,
        journey_path,
        sum(conversion_count) as conversion_count,
        -- Who was never touched, or did not order again, is not known to have been on the way.
        case
            when conversion_type <> 'repeat_order' and journey_path <> 'unattributed'
                then sum(lost_journey_count)
        end as lost_journey_count,
        sum(touched_count) as touched_count,
        sum(net_revenue_amount) as net_revenue_amount,
        sum(journey_days) as journey_days,
        month_date
    from journeys
    group by conversion_type, path_type, journey_path, month_date
)

select
    {{ key_of(
        ['conversion_type', 'path_type', 'journey_path', 'month_date']
    ) }} as journey_path_key,
    conversion_type,
    path_type,
    journey_path,
    cast(conversion_count as bigint) as conversion_count,
    cast(lost_journey_count as bigint) as lost_journey_count,
    {{ ratio('conversion_count', 'conversion_count + lost_journey_count') }} as conversion_rate,
    cast(net_revenue_amount as decimal(18, 2)) as net_revenue_amount,
    cast(journey_days as bigint) as journey_days,
    {{ ratio('journey_days', 'touched_count') }} as mean_journey_length,
    month_date
from summed
