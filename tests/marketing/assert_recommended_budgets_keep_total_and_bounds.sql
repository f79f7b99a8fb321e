-- What is recommended adds up to what is spent today, but for a cent a channel; no channel moves
-- beyond the limit or to what was not tried; who gets no advice has no figure.
with told as (
    select * from {{ ref('budget_recommendations') }}
),

totals as (
    select
        'all' as channel_key,
        sum(recommended_daily_spend_amount) as recommended,
        sum(current_daily_spend_amount) as spent,
        count(*) as channels
    from told
    where recommendation_status = 'recommended'
)

select channel_key, recommended, spent from totals
where abs(recommended - spent) > 0.01 * channels
union all
select channel_key, recommended_daily_spend_amount, current_daily_spend_amount
from told
where
    recommendation_status = 'recommended'
    and (
        recommended_daily_spend_amount is null
        or abs(recommended_daily_spend_amount - current_daily_spend_amount)
        > {{ var('budget_move_limit') }} * current_daily_spend_amount + 0.01
        or recommended_daily_spend_amount
        > greatest(most_adstock_amount, current_daily_spend_amount) + 0.01
        or recommended_daily_spend_amount
        < least(least_adstock_amount, current_daily_spend_amount) - 0.01
    )
union all
select channel_key, recommended_daily_spend_amount, current_daily_spend_amount
from told
where
    recommendation_status <> 'recommended'
    and (
        recommended_daily_spend_amount is not null
        or change_share is not null
        or expected_daily_gain_amount is not null
    )
