-- Exactly one attribution model is the headline, and it shares all orders.
with models as (
    select * from {{ ref('attribution_models') }}
),

counted as (
    select
        coalesce(sum(case when is_headline then 1 else 0 end), 0) as headline_count,
        coalesce(
            sum(case when is_headline and not is_for_repeat_orders then 1 else 0 end), 0
        ) as partial_count
    from models
)

select
    'attribution_models' as seed_name,
    cast(null as {{ dbt.type_string() }}) as seed_row,
    'is_headline' as column_name,
    case
        when headline_count <> 1 then 'is true in ' || headline_count || ' rows, not one'
        else 'is true for a model that does not share repeat orders'
    end as problem
from counted
where headline_count <> 1 or partial_count > 0
