-- Each score is five times the share of customers of the month who are not better, rounded up,
-- counted one by one for a hundred of the last month; the tier is by what the better ones brought.
with segments as (
    select user_segments.*
    from {{ ref('user_segments') }} as user_segments
    inner join (
        select max(month_date) as last_month_date from {{ ref('user_segments') }}
    ) as months on user_segments.month_date = months.last_month_date
),

chosen as (
    select * from segments
    order by user_key
    limit 100
),

counted as (
    select
        chosen.user_key,
        chosen.recency_score,
        chosen.frequency_score,
        chosen.monetary_score,
        value_tiers.from_percent,
        value_tiers.to_percent,
        count(*) as customers,
        count(case when others.silent_days >= chosen.silent_days then 1 end) as recency_count,
        count(case when others.purchase_count <= chosen.purchase_count then 1 end)
            as frequency_count,
        count(case when others.net_revenue_amount <= chosen.net_revenue_amount then 1 end)
            as monetary_count,
        sum(others.net_revenue_amount) as total_amount,
        sum(
            case
                when others.net_revenue_amount > chosen.net_revenue_amount
                    then others.net_revenue_amount
                else 0
            end
        ) as better_amount
    from chosen
    cross join segments as others
    inner join {{ ref('value_tiers') }} as value_tiers
        on chosen.value_tier_name = value_tiers.value_tier_name
    group by
        chosen.user_key,
        chosen.recency_score,
        chosen.frequency_score,
        chosen.monetary_score,
        value_tiers.from_percent,
        value_tiers.to_percent
)

-- 5 * count / customers lies in (score - 1, score].
select *
from counted
where
    5 * recency_count > recency_score * customers
    or 5 * recency_count <= (recency_score - 1) * customers
    or 5 * frequency_count > frequency_score * customers
    or 5 * frequency_count <= (frequency_score - 1) * customers
    or 5 * monetary_count > monetary_score * customers
    or 5 * monetary_count <= (monetary_score - 1) * customers
    or 100 * better_amount < from_percent * total_amount
    or 100 * better_amount >= to_percent * total_amount
