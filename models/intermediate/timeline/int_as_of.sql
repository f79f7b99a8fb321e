-- One row per metric family with the last complete business day all its sources have delivered.
-- The last day seen may be partial, so it is left out; a source that delivered nothing is not
-- waited for.
with deliveries as (
    select
        'shop' as source_name,
        max({{ business_date('ordered_at') }}) as last_date
    from {{ ref('stg_shop__orders') }}
    union all
    select 'pos', max({{ business_date('sold_at') }}) from {{ ref('stg_pos__tickets') }}
    union all
    select 'ga4', max({{ business_date('occurred_at') }}) from {{ ref('stg_ga4__events') }}
    union all
    select 'google_ads', max(stat_date) from {{ ref('stg_google_ads__campaign_stats') }}
),

families as (
    select * from {{ ref('metric_families') }}
),

complete as (
    select
        families.metric_family,
        {{ add_days('min(deliveries.last_date)', -1) }} as complete_date
    from families
    left join deliveries on families.source_name = deliveries.source_name
    group by 1
)

select
    metric_family,
    coalesce({{ var_date('as_of_date') }}, complete_date) as as_of_date,
    {{ var_date('as_of_date') }} is not null as is_set_by_hand
from complete
