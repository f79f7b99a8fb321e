-- One row per metric and acquisition channel: its value by the published people and by today's.
-- Both from today's orders that were already published, so that only identity makes a difference.
with sides as (
    select * from {{ ref('qa_identity_sides') }}
),

as_of as (
    select as_of_date from {{ ref('dim_as_of') }} where metric_family = 'orders'
),

people as (
    select
        sides.acquisition_channel_key,
        sides.net_revenue_amount,
        sides.net_revenue_90d_amount,
        case when sides.side = 'before' then 1 else 0 end as in_before,
        case when sides.side = 'after' then 1 else 0 end as in_after,
        case when sides.is_new then 1 else 0 end as new_count,
        case
            when
                sides.is_new
                and {{ add_days('sides.first_order_date', 90) }} <= as_of.as_of_date then 1
            else 0
        end as mature_count,
        case
            when {{ days_between('sides.first_order_date', 'sides.second_order_date') }} <= 90
                then 1
            else 0
        end as repeat_count
    from sides
    cross join as_of
),

counted as (
    select
        acquisition_channel_key,
        sum(in_before * net_revenue_amount) as revenue_before,
        sum(in_after * net_revenue_amount) as revenue_after,
        cast(sum(in_before * new_count) as bigint) as new_before,
        cast(sum(in_after * new_count) as bigint) as new_after,
        cast(sum(in_before * mature_count) as bigint) as mature_before,
        cast(sum(in_after * mature_count) as bigint) as mature_after,
        cast(sum(in_before * mature_count * repeat_count) as bigint) as repeat_before,
        cast(sum(in_after * mature_count * repeat_count) as bigint) as repeat_after,
        sum(in_before * mature_count * net_revenue_90d_amount) as value_90d_before,
        sum(in_after * mature_count * net_revenue_90d_amount) as value_90d_after
    from people
    group by 1
),

metrics as (
    select
        acquisition_channel_key,
        'net_revenue' as metric_name,
        cast(revenue_before as decimal(28, 6)) as value_before,
        cast(revenue_after as decimal(28, 6)) as value_after
    from counted
    union all
    select acquisition_channel_key, 'new_customers', new_before, new_after from counted
    union all
    select acquisition_channel_key, 'mature_customers_90d', mature_before, mature_after from counted
    union all
    select acquisition_channel_key, 'repeat_customers_90d', repeat_before, repeat_after from counted
    union all
    select
        acquisition_channel_key,
        'repeat_rate_90d',
        {{ ratio('repeat_before', 'mature_before') }},
        {{ ratio('repeat_after', 'mature_after') }}
    from counted
    union all
    select
        acquisition_channel_key,
        'ltv_90d',
        {{ ratio('value_90d_before', 'mature_before') }},
        {{ ratio('value_90d_after', 'mature_after') }}
    from counted
)

select
    {{ key_of(['metric_name', 'acquisition_channel_key']) }} as identity_restatement_key,
    metric_name,
    acquisition_channel_key,
    cast(value_before as decimal(28, 6)) as value_before,
    cast(value_after as decimal(28, 6)) as value_after,
    cast(value_after - value_before as decimal(28, 6)) as value_difference
from metrics
