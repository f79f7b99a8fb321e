-- Each attribution model that shares a conversion gives all of it: shares add up to exactly 1. One
-- of them is the headline.
with conversions as (
    select * from {{ ref('int_conversions') }}
),

models as (
    select * from {{ ref('attribution_models') }}
),

credits as (
    select
        conversion_key,
        attribution_model,
        sum(credit_share) as credit_share,
        max(case when is_headline then 1 else 0 end) as headline
    from {{ ref('fct_attribution') }}
    group by 1, 2
),

expected as (
    select
        conversions.conversion_key,
        models.attribution_model,
        case
            when models.attribution_model = headlines.attribution_model then 1 else 0
        end as headline
    from conversions
    cross join models
    left join {{ ref('int_headlines') }} as headlines
        on
            conversions.conversion_type = headlines.conversion_type
            and {{ month_start('conversions.conversion_date') }} = headlines.month_date
    where models.is_for_repeat_orders or conversions.conversion_type <> 'repeat_order'
)

select
    coalesce(expected.conversion_key, credits.conversion_key) as conversion_key,
    coalesce(expected.attribution_model, credits.attribution_model) as attribution_model,
    credits.credit_share
from expected
full join credits
    on
        expected.conversion_key = credits.conversion_key
        and expected.attribution_model = credits.attribution_model
where
    expected.conversion_key is null
    or coalesce(credits.credit_share, 0) <> 1
    or credits.headline <> expected.headline
