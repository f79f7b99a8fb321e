-- One row per acquisition channel (and `all`), product category (and `all`) and kind of gap.
-- Kaplan-Meier: who is not back yet counts as waiting, not as never. The median of those who did
-- come back stands beside; it is shorter than the truth. Null while the curve does not get there.
with gaps as (
    select gaps.*, users.acquisition_channel_key, users.first_order_status
    from {{ ref('int_purchase_gaps') }} as gaps
    inner join {{ ref('dim_users') }} as users on gaps.user_key = users.user_key
),

kinds as (
    select acquisition_channel_key, category_name, 'all' as gap_type, gap_days, is_returned
    from gaps
    union all
    select acquisition_channel_key, category_name, 'first_to_second', gap_days, is_returned
    from gaps
    where purchase_number = 1 and first_order_status = 'known'
    union all
    select acquisition_channel_key, category_name, 'repeat', gap_days, is_returned
    from gaps
    where purchase_number >= 2
),

tallied as (
    select
        acquisition_channel_key,
        category_name,
        gap_type,
        gap_days,
        count(*) as gap_count,
        count(case when is_returned then 1 end) as returned_count
    from kinds
    group by 1, 2, 3, 4
),

scopes as (
    select
        case when channels.is_one then tallied.acquisition_channel_key else 'all' end
            as channel_key,
        case when categories.is_one then tallied.category_name else 'all' end as category_name,
        tallied.gap_type,
        tallied.gap_days,
        sum(tallied.gap_count) as gap_count,
        sum(tallied.returned_count) as returned_count
    from tallied
    cross join (select true as is_one union all select false) as channels
    cross join (select true as is_one union all select false) as categories
    group by 1, 2, 3, 4
),

at_risk as (
    select
        *,
        sum(gap_count) over (
            partition by channel_key, category_name, gap_type order by gap_days desc
        ) as at_risk_count,
        sum(returned_count) over (
            partition by channel_key, category_name, gap_type order by gap_days
        ) as returned_so_far,
        sum(returned_count) over (
            partition by channel_key, category_name, gap_type
        ) as all_returned_count
    from scopes
),

curves as (
    select
        *,
        {{ km_survival('returned_count', 'at_risk_count', 'ages') }} as survival,
        {{ km_greenwood('returned_count', 'at_risk_count', 'ages') }} as greenwood
    from at_risk
    window ages as (partition by channel_key, category_name, gap_type order by gap_days)
),

cycles as (
    select
        channel_key,
        category_name,
        gap_type,
        sum(gap_count) as gap_count,
        sum(returned_count) as returned_count,
        min(case when {{ km_has_ended('survival', '0.5') }} then gap_days end) as median_days,
        min(
            case
                when {{ km_has_ended('survival * (1 - 1.96 * sqrt(greenwood))', '0.5') }}
                    then gap_days
            end
        ) as low_days,
        min(
            case
                when
                    survival > 0
                    and {{ km_has_ended('survival * (1 + 1.96 * sqrt(greenwood))', '0.5') }}
                    then gap_days
            end
        ) as high_days,
        min(case when all_returned_count between 1 and 2 * returned_so_far then gap_days end)
            as returned_days,
        min(case when gap_days <= 90 then survival else 1 end) as survival_90d,
        max(case when gap_days <= 90 then greenwood else 0 end) as greenwood_90d,
        max(gap_days) >= 90 or min(survival) = 0 as is_known_90d
    from curves
    group by 1, 2, 3
)

select
    {{ key_of(['channel_key', 'category_name', 'gap_type']) }} as repurchase_cycle_key,
    channel_key as acquisition_channel_key,
    category_name,
    gap_type,
    cast(gap_count as bigint) as gaps,
    cast(returned_count as bigint) as returned_gaps,
    cast(gap_count - returned_count as bigint) as censored_gaps,
    cast(median_days as bigint) as km_median_days,
    cast(low_days as bigint) as km_median_low_days,
    cast(high_days as bigint) as km_median_high_days,
    cast(returned_days as bigint) as returned_median_days,
    cast(case when is_known_90d then survival_90d end as decimal(18, 6)) as survival_90d_rate,
    cast(case when is_known_90d then survival_90d * sqrt(greenwood_90d) end as decimal(18, 6))
        as survival_90d_standard_error
from cycles
