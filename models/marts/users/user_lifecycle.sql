-- One row per customer and stretch of days in one lifecycle stage, from the first purchase on.
-- Stretches follow each other without a hole and the last one is open, so everybody is in exactly
-- one stage on any day. Today's thresholds measure all of history: stages move as people do.
with gaps as (
    select * from {{ ref('int_purchase_gaps') }}
),

customers as (
    select * from {{ ref('int_new_customers') }}
),

thresholds as (
    select * from {{ ref('int_lifecycle_thresholds') }}
),

measured as (
    select
        gaps.*,
        customers.first_order_status,
        thresholds.threshold_origin,
        thresholds.p50_days,
        thresholds.p80_days,
        thresholds.p90_days,
        lag(gaps.gap_days > thresholds.p90_days) over (
            partition by gaps.user_key order by gaps.purchase_date
        ) as is_back
    from gaps
    inner join customers on gaps.user_key = customers.user_key
    inner join thresholds on gaps.category_name = thresholds.category_name
),

-- A first purchase that may not be the first is nobody new.
stages as (
    select
        measured.*,
        case
            when is_back then 'returned'
            when purchase_number = 1 and first_order_status = 'known' then 'new'
            else 'active'
        end as lifecycle_stage,
        0 as from_days,
        p50_days + 1 as to_days
    from measured
    union all
    select measured.*, 'cooling', p50_days + 1, p80_days + 1 from measured
    union all
    select measured.*, 'at_risk', p80_days + 1, p90_days + 1 from measured
    union all
    select measured.*, 'lapsed', p90_days + 1, null from measured
),

-- The next purchase ends a stretch early, and so does the as-of day, which leaves it open.
stretches as (
    select
        *,
        case
            when is_returned then least(coalesce(to_days, gap_days), gap_days)
            when to_days <= gap_days then to_days
        end as end_days
    from stages
    where
        (to_days is null or from_days < to_days)
        and (from_days < gap_days or (from_days = gap_days and not is_returned))
)

select
    {{ key_of(['user_key', 'purchase_key', 'lifecycle_stage']) }} as user_lifecycle_key,
    user_key,
    category_name,
    lifecycle_stage,
    threshold_origin,
    purchase_number,
    p50_days,
    p80_days,
    p90_days,
    end_days is null as is_current,
    purchase_date as last_purchase_date,
    {{ add_days('purchase_date', 'from_days') }} as valid_from_date,
    {{ add_days('purchase_date', 'end_days') }} as valid_to_date
from stretches
