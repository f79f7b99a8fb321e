-- One row per channel with a credible curve and step of its spend within the limit: what the step
-- brings for each unit of money, and how much of it the best split of the same total takes.
-- Everybody starts at the lowest spend allowed; steps are taken from the best down until the total
-- of today is spent again. That is best because returns fall with spend.
with steps as (
    select
        *,
        lag(daily_spend_amount) over (
            partition by channel_key order by change_share
        ) as spend_before,
        lag(expected_daily_value_amount) over (
            partition by channel_key order by change_share
        ) as value_before
    from {{ ref('budget_what_if') }}
    where is_within_limit
),

totals as (
    select
        sum(case when is_current_spend then daily_spend_amount end)
        - sum(case when spend_before is null then daily_spend_amount end) as left_amount
    from steps
),

returns as (
    select
        channel_key,
        change_share,
        spend_before,
        daily_spend_amount - spend_before as step_amount,
        {{ as_double('expected_daily_value_amount - value_before') }}
        / {{ as_double('daily_spend_amount - spend_before') }} as step_return
    from steps
    where spend_before is not null
),

queued as (
    select
        returns.*,
        totals.left_amount,
        sum(returns.step_amount) over (
            order by
                -cast(returns.step_return as decimal(18, 6)),
                returns.channel_key,
                returns.change_share
            rows between unbounded preceding and current row
        ) as amount_until
    from returns
    cross join totals
)

select
    {{ key_of(['channel_key', 'change_share']) }} as budget_move_key,
    channel_key,
    cast(change_share as decimal(18, 6)) as change_share,
    cast(spend_before as decimal(18, 6)) as spend_before_amount,
    cast(step_amount as decimal(18, 6)) as step_amount,
    {{ ratio('step_return - 1', '1') }} as step_roi,
    cast(
        least(step_amount, greatest(left_amount - amount_until + step_amount, 0))
        as decimal(18, 6)
    ) as taken_amount
from queued
