-- New customers of a promotion and of the ordinary days around it, counted from their first and
-- second days of purchase; existing customers' purchases from their orders; and what the existing
-- bought in the promotion and after it is what they bought in both.
with days as (
    select distinct user_key, order_date
    from {{ ref('fct_orders') }}
    where is_valid and user_key <> 'unknown'
),

firsts as (
    select
        days.user_key,
        min(days.order_date) as first_date
    from days
    group by 1
),

seconds as (
    select
        firsts.user_key,
        firsts.first_date,
        min(days.order_date) as second_date
    from firsts
    left join days on firsts.user_key = days.user_key and firsts.first_date < days.order_date
    group by 1, 2
),

ordinary as (
    select seconds.*, users.first_order_status
    from seconds
    inner join {{ ref('dim_users') }} as users on seconds.user_key = users.user_key
),

told as (
    select effects.*, as_of.as_of_date
    from {{ ref('promotion_effects') }} as effects
    inner join {{ ref('dim_as_of') }} as as_of on as_of.metric_family = 'orders'
),

newcomers as (
    select
        told.promotion_effect_key,
        count(case when ordinary.first_date between told.from_date and told.to_date then 1 end)
            as people,
        count(
            case
                when
                    ordinary.first_date between told.from_date and told.to_date
                    and ordinary.second_date
                    <= {{ add_days('ordinary.first_date', 'told.horizon_days') }}
                    then 1
            end
        ) as repeating,
        count(
            case
                when
                    not ordinary.first_date between told.from_date and told.to_date
                    and promotions.promotion_name is null
                    then 1
            end
        ) as other_people,
        count(
            case
                when
                    not ordinary.first_date between told.from_date and told.to_date
                    and promotions.promotion_name is null
                    and ordinary.second_date
                    <= {{ add_days('ordinary.first_date', 'told.horizon_days') }}
                    then 1
            end
        ) as other_repeating
    from told
    inner join ordinary
        on
            ordinary.first_order_status = 'known'
            and {{ add_days('told.from_date', -30) }} <= ordinary.first_date
            and {{ add_days('told.to_date', 30) }} >= ordinary.first_date
            and {{ add_days('ordinary.first_date', 'told.horizon_days') }} <= told.as_of_date
    left join {{ ref('promotions') }} as promotions
        on ordinary.first_date between promotions.from_date and promotions.to_date
    where told.metric_name = 'repurchase_rate'
    group by 1
),

regulars as (
    select
        told.promotion_effect_key,
        count(distinct firsts.user_key) as people,
        count(case when days.order_date between told.from_date and told.to_date then 1 end)
            as in_promotion,
        count(case when days.order_date < told.from_date then 1 end) as before
    from told
    inner join firsts on {{ add_days('told.from_date', -90) }} > firsts.first_date
    left join days
        on
            firsts.user_key = days.user_key
            and days.order_date between {{ add_days('told.from_date', -90) }} and told.to_date
    where told.metric_name = 'purchases_in_promotion'
    group by 1
),

parts as (
    select
        promotion_name,
        from_date,
        sum(outcome_total) as outcome_total,
        sum(difference) as difference
    from told
    where metric_name in ('purchases_in_promotion', 'purchases_after_promotion')
    group by 1, 2
)

select told.promotion_effect_key, told.metric_name
from told
left join newcomers on told.promotion_effect_key = newcomers.promotion_effect_key
where
    told.metric_name = 'repurchase_rate'
    and (
        told.measured <> coalesce(newcomers.people, 0)
        or coalesce(told.outcome_total, 0) <> coalesce(newcomers.repeating, 0)
        or told.comparison_measured <> coalesce(newcomers.other_people, 0)
        or coalesce(told.comparison_total, 0) <> coalesce(newcomers.other_repeating, 0)
    )
union all
select told.promotion_effect_key, told.metric_name
from told
left join regulars on told.promotion_effect_key = regulars.promotion_effect_key
where
    told.metric_name = 'purchases_in_promotion'
    and (
        told.measured <> regulars.people
        or told.outcome_total <> regulars.in_promotion
        or abs(told.comparison_total * 90 - regulars.before * told.horizon_days) > 0.001
    )
union all
select told.promotion_effect_key, told.metric_name
from told
inner join parts
    on told.promotion_name = parts.promotion_name and told.from_date = parts.from_date
where
    told.metric_name = 'purchases_in_and_after'
    and (
        parts.outcome_total <> told.outcome_total
        or abs(parts.difference - told.difference) > 0.000002
    )
