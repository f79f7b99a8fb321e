-- One row per metric family with the last complete business day all its sources have delivered.
-- The last day seen may be partial, so it is left out; a source that delivered nothing is not
-- waited for.
with deliveries as (
    select * from {{ ref('int_all__last_dates') }}
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
