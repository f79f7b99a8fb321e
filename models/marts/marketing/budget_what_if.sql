-- One row per channel with a credible curve and change of today's daily spend: what to expect.
-- There is no row for a spend that has not been tried: outside the weeks' adstocked spend, or
-- beyond three times the limit of var budget_move_limit. Today's own is always there.
with curves as (
    select
        channel_key,
        response_model,
        value_type,
        current_daily_spend_amount as current_spend,
        least_adstock_amount,
        most_adstock_amount,
        {{ as_double('customer_value_amount') }} as customer_value,
        {{ as_double('value_variance') }} as value_variance,
        {{ as_double('weeks') }} as weeks,
        {{ as_double('mean_ln_adstock') }} as mean_ln_adstock,
        {{ as_double('elasticity') }} as elasticity,
        {{ as_double('elasticity_standard_error') }} as elasticity_standard_error,
        {{ as_double('residual_variance') }} as residual_variance,
        {{ as_double('ln_scale') }} as ln_scale,
        {{ as_double('ln_top') }} as ln_top,
        {{ as_double('shape') }} as shape,
        {{ as_double('half_saturation_amount') }} as half_saturation
    from {{ ref('response_curves') }}
    where response_status = 'recommended'
),

changes as (
    select grid_value as change_share
    from {{ ref('response_grids') }}
    where grid_axis = 'change_share' and abs(grid_value) <= 3 * {{ var('budget_move_limit') }}
),

steps as (
    select
        curves.*,
        changes.change_share,
        {{ as_double('curves.current_spend * (1 + changes.change_share)') }} as spend
    from curves
    cross join changes
    where
        changes.change_share = 0
        or (
            curves.current_spend * (1 + changes.change_share) >= curves.least_adstock_amount
            and curves.current_spend * (1 + changes.change_share)
            <= curves.most_adstock_amount
        )
),

expected as (
    select
        curves.*,
        {{ customers_of('curves.spend') }} as customers,
        {{ elasticity_at('curves.spend') }} as elasticity_here,
        sqrt({{ customers_variance('curves.spend') }}) as customers_error,
        sqrt({{ marginal_variance('curves.spend') }}) as marginal_error
    from steps as curves
),

valued as (
    select
        expected.*,
        customers * customer_value as expected_value,
        customers * customer_value * elasticity_here / spend as marginal_value
    from expected
)

select
    {{ key_of(['channel_key', 'change_share']) }} as budget_what_if_key,
    channel_key,
    response_model,
    value_type,
    cast(change_share as decimal(18, 6)) as change_share,
    {{ ratio('spend', '1') }} as daily_spend_amount,
    {{ ratio('customers', '1') }} as expected_daily_customers,
    {{ ratio('expected_value', '1') }} as expected_daily_value_amount,
    {{ ratio('expected_value * (1 - 1.959964 * customers_error)', '1') }}
        as expected_value_lower_amount,
    {{ ratio('expected_value * (1 + 1.959964 * customers_error)', '1') }}
        as expected_value_upper_amount,
    {{ ratio('marginal_value - 1', '1') }} as marginal_roi,
    {{ ratio('marginal_value * (1 - 1.959964 * marginal_error) - 1', '1') }} as marginal_roi_lower,
    {{ ratio('marginal_value * (1 + 1.959964 * marginal_error) - 1', '1') }} as marginal_roi_upper,
    change_share = 0 as is_current_spend,
    abs(change_share) <= {{ var('budget_move_limit') }} as is_within_limit
from valued
