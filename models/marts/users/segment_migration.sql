-- One row per month, lifecycle stage at the end of the month before and stage at the end of it.
-- Whoever buys for the first time in the month comes from `none`. Nobody ceases to be a customer,
-- so the rows of a month add up to the customers of both ends.
with segments as (
    select * from {{ ref('user_segments') }}
),

moves as (
    select
        segments.month_date,
        segments.is_complete,
        coalesce(earlier.lifecycle_stage, 'none') as from_lifecycle_stage,
        segments.lifecycle_stage as to_lifecycle_stage,
        count(*) as customers
    from segments
    left join segments as earlier
        on
            segments.user_key = earlier.user_key
            and {{ add_months('segments.month_date', -1) }} = earlier.month_date
    group by 1, 2, 3, 4
),

totals as (
    select
        *,
        sum(customers) over (partition by month_date, from_lifecycle_stage) as from_customers
    from moves
)

select
    {{ key_of(['month_date', 'from_lifecycle_stage', 'to_lifecycle_stage']) }}
        as segment_migration_key,
    from_lifecycle_stage,
    to_lifecycle_stage,
    cast(customers as bigint) as migrated_customers,
    cast(from_customers as bigint) as from_customers,
    {{ ratio('customers', 'from_customers') }} as migration_rate,
    is_complete,
    month_date
from totals
