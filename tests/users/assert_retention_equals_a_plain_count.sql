-- Everybody's months of purchase and of activity, counted in the facts without cohorts of any
-- model, equal the retained of complete months.
with active_months as (
    select distinct
        'buying' as retention_type,
        user_key,
        {{ month_start('order_date') }} as month_date
    from {{ ref('fct_orders') }}
    where is_valid
    union all
    select distinct 'active', events.user_key, {{ month_start('events.event_date') }}
    from {{ ref('fct_events') }} as events
    inner join {{ ref('event_types') }} as event_types
        on events.event_type = event_types.event_type and event_types.is_active_signal
),

plain as (
    select
        {{ month_start('users.first_order_date') }} as cohort_month_date,
        users.acquisition_channel_key,
        active_months.retention_type,
        active_months.month_date,
        count(*) as retained_customers
    from {{ ref('dim_users') }} as users
    inner join active_months on users.user_key = active_months.user_key
    where users.first_order_status = 'known'
    group by 1, 2, 3, 4
),

both_ways as (
    select * from plain
    union all
    select cohort_month_date, 'all', retention_type, month_date, sum(retained_customers)
    from plain
    group by 1, 2, 3, 4
)

select retention.*
from {{ ref('user_retention') }} as retention
left join both_ways
    on
        retention.cohort_month_date = both_ways.cohort_month_date
        and retention.acquisition_channel_key = both_ways.acquisition_channel_key
        and retention.retention_type = both_ways.retention_type
        and retention.month_date = both_ways.month_date
where
    retention.is_complete
    and retention.retained_customers <> coalesce(both_ways.retained_customers, 0)
