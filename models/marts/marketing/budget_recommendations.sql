-- One row per channel that was ever spent on: its return at today's daily spend, and what to spend
-- instead so that the same total brings more.
-- Advice is given to channels whose curve is credible, if there are two; the others keep their
-- spend and say why. A move that intervals cannot tell from its opposite is to be tested first.
with curves as (
    select
        curves.*,
        current_daily_spend_amount as current_spend,
        {{ as_double('customer_value_amount') }} as customer_value,
        {{ as_double('half_saturation_amount') }} as half_saturation
    from {{ ref('response_curves') }} as curves
),

todays as (
    select * from {{ ref('budget_what_if') }} where is_current_spend
),

moves as (
    select
        channel_key,
        min(spend_before_amount) + sum(taken_amount) as recommended_spend
    from {{ ref('budget_moves') }}
    group by 1
),

advised as (
    select
        curves.*,
        todays.expected_daily_value_amount as value_now,
        todays.marginal_roi,
        todays.marginal_roi_lower,
        todays.marginal_roi_upper,
        case
            when curves.response_status <> 'recommended' then curves.response_status
            when count(todays.channel_key) over () < 2 then 'no_other_channel'
            else 'recommended'
        end as recommendation_status,
        coalesce(moves.recommended_spend, curves.current_spend) as recommended_spend
    from curves
    left join todays on curves.channel_key = todays.channel_key
    left join moves on curves.channel_key = moves.channel_key
),

-- The best that loses spend and the worst that wins it, as far as intervals tell.
edges as (
    select
        max(
            case when recommended_spend < current_spend then marginal_roi_upper end
        ) as most_of_losers,
        min(
            case when recommended_spend > current_spend then marginal_roi_lower end
        ) as least_of_winners
    from advised
    where recommendation_status = 'recommended'
),

compared as (
    select
        curves.*,
        {{ customers_of(as_double('curves.recommended_spend')) }} * curves.customer_value
        - curves.value_now as gain,
        (curves.recommended_spend - curves.current_spend)
        * (curves.marginal_roi_upper - curves.marginal_roi) as gain_error,
        case
            when curves.recommended_spend > curves.current_spend
                then curves.marginal_roi_lower <= edges.most_of_losers
            when curves.recommended_spend < curves.current_spend
                then curves.marginal_roi_upper >= edges.least_of_winners
            else false
        end as is_unclear
    from advised as curves
    cross join edges
)

select
    channel_key,
    recommendation_status,
    case
        when recommendation_status <> 'recommended' then 'none'
        when is_unclear then 'test_first'
        else 'clear'
    end as recommendation_note,
    response_model,
    value_type,
    weeks,
    current_daily_spend_amount,
    least_adstock_amount,
    most_adstock_amount,
    carry_over_rate,
    elasticity,
    elasticity_standard_error,
    demand_r_squared,
    {{ ratio('value_now - current_spend', 'current_spend') }} as average_roi,
    marginal_roi,
    marginal_roi_lower,
    marginal_roi_upper,
    case
        when recommendation_status = 'recommended' then {{ to_cents('recommended_spend') }}
    end as recommended_daily_spend_amount,
    case
        when recommendation_status = 'recommended'
            then {{ ratio('recommended_spend - current_spend', 'current_spend') }}
    end as change_share,
    case when recommendation_status = 'recommended' then {{ to_cents(ratio('gain', '1')) }} end
        as expected_daily_gain_amount,
    case
        when recommendation_status = 'recommended'
            then {{ to_cents(ratio('gain - abs(gain_error)', '1')) }}
    end as expected_gain_lower_amount,
    case
        when recommendation_status = 'recommended'
            then {{ to_cents(ratio('gain + abs(gain_error)', '1')) }}
    end as expected_gain_upper_amount,
    is_calibrated,
    as_of_date
from compared
