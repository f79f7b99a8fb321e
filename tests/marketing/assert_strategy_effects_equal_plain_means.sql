-- Effect and interval, worked out from the marts in another way: whole sums of both arms, and
-- variances as means of squares less squares of means.
with changes as (
    select
        *,
        {{ add_days('changed_date', '-pre_days') }} as started_date,
        {{ add_days('changed_date', 'post_days - 1') }} as ended_date
    from {{ ref('strategy_changes') }}
),

bought as (
    select
        changes.change_name,
        case changes.unit_type
            when 'region' then users.region_code
            when 'store' then stores.store_id
            else users.acquisition_channel_key
        end as unit,
        orders.net_revenue_amount,
        case
            when orders.order_date >= changes.changed_date
                then 1.0e0 / changes.post_days
            else -1.0e0 / changes.pre_days
        end as day_weight
    from changes
    inner join {{ ref('fct_orders') }} as orders
        on
            orders.order_date >= changes.started_date
            and orders.order_date <= changes.ended_date
    inner join {{ ref('dim_users') }} as users on orders.user_key = users.user_key
    inner join {{ ref('dim_stores') }} as stores on orders.store_key = stores.store_key
    where orders.is_valid
),

moved as (
    select
        units.change_name,
        units.unit,
        units.arm,
        sum(coalesce(bought.net_revenue_amount * bought.day_weight, 0)) as net_revenue,
        sum(coalesce(bought.day_weight, 0)) as valid_orders
    from {{ ref('strategy_change_units') }} as units
    left join bought
        on units.change_name = bought.change_name and units.unit = bought.unit
    group by units.change_name, units.unit, units.arm
),

outcomes as (
    select change_name, arm, 'net_revenue' as outcome_name, net_revenue as moved from moved
    union all
    select change_name, arm, 'valid_orders', valid_orders from moved
),

arms as (
    select
        change_name,
        outcome_name,
        arm,
        avg(moved) as mean,
        (avg(moved * moved) - avg(moved) * avg(moved))
        / nullif(count(*) - 1, 0) as squared_error
    from outcomes
    group by change_name, outcome_name, arm
)

select
    effects.strategy_effect_key,
    effects.daily_effect,
    treated.mean - control.mean as plain_effect,
    effects.daily_effect_standard_error,
    sqrt(treated.squared_error + control.squared_error) as plain_standard_error
from {{ ref('strategy_effects') }} as effects
inner join arms as treated
    on
        effects.change_name = treated.change_name
        and effects.outcome_name = treated.outcome_name
        and treated.arm = 'treated'
inner join arms as control
    on
        effects.change_name = control.change_name
        and effects.outcome_name = control.outcome_name
        and control.arm = 'control'
where
    effects.evidence_status not in ('immature', 'no_history')
    and (
        effects.daily_effect is null
        or abs(effects.daily_effect - (treated.mean - control.mean)) > 0.00001
        or abs(
            effects.daily_effect_standard_error
            - sqrt(treated.squared_error + control.squared_error)
        ) > 0.00001
    )
