-- One row per promotion, group of customers and metric. New: those won in it beside those won in
-- the ordinary days around it. Existing: what they bought in and after it beside what they used to.
-- Descriptive: everybody may take part in a promotion, nobody is held out.
with promotions as (
    select {{ key_of(['promotion_name', 'from_date']) }} as promotion_key, promotions.*
    from {{ ref('promotions') }} as promotions
),

newcomers as (
    select * from {{ ref('int_promotion_newcomers') }}
),

won as (
    select
        newcomers.promotion_key,
        newcomers.metric_name,
        newcomers.horizon_days,
        newcomers.people,
        comparisons.people as other_people,
        newcomers.measured_people = newcomers.people
        and comparisons.measured_people = comparisons.people as is_mature,
        newcomers.n,
        newcomers.sum_y,
        newcomers.metric_name in ('repurchase_rate', 'refund_rate') as is_rate,
        coalesce(comparisons.n, 0) as other_n,
        comparisons.sum_y as other_y,
        {{ rate_of('newcomers.sum_y', 'newcomers.n') }}
        - {{ rate_of('comparisons.sum_y', 'comparisons.n') }} as difference,
        {{ sample_variance('newcomers.n', 'newcomers.sum_y', 'newcomers.sum_yy') }} as v,
        {{ sample_variance('comparisons.n', 'comparisons.sum_y', 'comparisons.sum_yy') }} as other_v
    from newcomers
    left join newcomers as comparisons
        on
            newcomers.promotion_key = comparisons.promotion_key
            and newcomers.metric_name = comparisons.metric_name
            and newcomers.horizon_days = comparisons.horizon_days
            and not comparisons.is_in_promotion
    where newcomers.is_in_promotion
),

compared as (
    select
        promotion_key,
        'new' as customer_group,
        metric_name,
        horizon_days,
        people,
        other_people,
        n,
        other_n,
        sum_y,
        other_y,
        1 as scale,
        difference,
        is_mature,
        case
            when is_rate then {{ newcombe_lower('sum_y', 'n', 'other_y', 'other_n') }}
            else difference - {{ welch_margin('v', 'n', 'other_v', 'other_n') }}
        end as low,
        case
            when is_rate then {{ newcombe_upper('sum_y', 'n', 'other_y', 'other_n') }}
            else difference + {{ welch_margin('v', 'n', 'other_v', 'other_n') }}
        end as high
    from won
    union all
    select
        promotion_key,
        'existing' as customer_group,
        metric_name,
        period_days,
        n as people,
        n as other_people,
        n,
        n as other_n,
        sum_y,
        sum_x90,
        90 as scale,
        {{ rate_of('sum_d90', 'n') }} / 90,
        true as is_mature,
        {{ mean_lower('n', 'sum_d90', 'sum_dd90') }} / 90,
        {{ mean_upper('n', 'sum_d90', 'sum_dd90') }} / 90
    from {{ ref('int_promotion_changes') }}
)

select
    {{ key_of(['compared.promotion_key', 'compared.metric_name', 'compared.horizon_days']) }}
        as promotion_effect_key,
    promotions.promotion_name,
    promotions.promotion_name_zh,
    compared.customer_group,
    compared.metric_name,
    case when compared.n > 0 and compared.other_n > 0 then 'descriptive' else 'immature' end
        as evidence_status,
    cast(compared.horizon_days as bigint) as horizon_days,
    cast(compared.people as bigint) as people,
    cast(coalesce(compared.other_people, 0) as bigint) as comparison_people,
    cast(compared.n as bigint) as measured,
    cast(compared.other_n as bigint) as comparison_measured,
    case when compared.n > 0 then cast(compared.sum_y as decimal(18, 2)) end as outcome_total,
    case when compared.other_n > 0 then {{ ratio('other_y', 'scale') }} end as comparison_total,
    {{ ratio('sum_y', 'n') }} as outcome,
    {{ ratio('other_y', 'scale * other_n') }} as comparison_outcome,
    {{ to_ratio('difference') }} as difference,
    {{ to_ratio('low') }} as difference_low,
    {{ to_ratio('high') }} as difference_high,
    coalesce(compared.is_mature, false) as is_mature,
    promotions.from_date,
    promotions.to_date
from compared
inner join promotions on compared.promotion_key = promotions.promotion_key
