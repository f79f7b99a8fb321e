-- Whoever the customer is, a longer horizon brings at least as many orders, and one at least as
-- likely; and one is never likelier than there are orders to expect.
with predictions as (
    select * from {{ ref('int_btyd_predictions') }}
)

select shorter.*
from predictions as shorter
inner join predictions as longer
    on
        shorter.score_name = longer.score_name
        and shorter.origin_date = longer.origin_date
        and shorter.repeat_count = longer.repeat_count
        and shorter.recency_days = longer.recency_days
        and shorter.age_days = longer.age_days
        and shorter.horizon_days <= longer.horizon_days
where
    shorter.expected_orders > longer.expected_orders
    or shorter.purchase_probability > longer.purchase_probability
    or (
        shorter.horizon_days = longer.horizon_days
        and shorter.purchase_probability > shorter.expected_orders + 0.000001
    )
