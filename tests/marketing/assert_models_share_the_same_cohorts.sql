-- Whatever the model, the new customers of a month and what they brought in within a horizon are
-- the same in sum, to the cent, and those that channel_cohorts tells by who won the person.
with cohorts as (
    select
        month_date,
        horizon_days,
        sum(new_customers) as new_customers,
        sum(net_revenue_amount) as net_revenue_amount,
        sum(margin_amount) as margin_amount
    from {{ ref('channel_cohorts') }}
    group by 1, 2
),

shared as (
    select
        month_date,
        horizon_days,
        attribution_model,
        sum(credited_new_customers) as new_customers,
        sum(net_revenue_amount) as net_revenue_amount,
        sum(margin_amount) as margin_amount,
        sum(spend) as spend
    from {{ ref('channel_cohorts_by_model') }}
    group by 1, 2, 3
),

spends as (
    select month_date, attribution_model, sum(spend) as spend
    from {{ ref('channel_roi_by_model') }}
    group by 1, 2
)

select
    shared.*,
    cohorts.new_customers as plain_new_customers,
    cohorts.net_revenue_amount as plain_net_revenue_amount,
    cohorts.margin_amount as plain_margin_amount,
    spends.spend as plain_spend
from shared
inner join spends
    on
        shared.month_date = spends.month_date
        and shared.attribution_model = spends.attribution_model
left join cohorts
    on shared.month_date = cohorts.month_date and shared.horizon_days = cohorts.horizon_days
where
    shared.spend <> spends.spend
    or (
        (
            shared.attribution_model = 'headline'
            or shared.attribution_model in (
                select facts.attribution_model from {{ ref('fct_attribution') }} as facts
            )
        )
        and (
            shared.new_customers <> coalesce(cohorts.new_customers, 0)
            or coalesce(shared.net_revenue_amount, 0) <> coalesce(cohorts.net_revenue_amount, 0)
            or coalesce(shared.margin_amount, 0) <> coalesce(cohorts.margin_amount, 0)
        )
    )
