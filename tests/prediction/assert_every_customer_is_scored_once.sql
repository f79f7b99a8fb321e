-- The scored are all people with a valid order up to the as-of day, with as many purchases as days
-- on which they bought; whoever has the status of a score has one.
with plain as (
    select orders.user_key, count(distinct orders.order_date) as purchase_count
    from {{ ref('fct_orders') }} as orders
    inner join {{ ref('dim_as_of') }} as as_of
        on
            as_of.metric_family = 'orders'
            and orders.order_date <= as_of.as_of_date
    where orders.is_valid and orders.user_key <> 'unknown'
    group by 1
)

select coalesce(plain.user_key, scores.user_key) as user_key, scores.score_status
from plain
full join {{ ref('user_scores') }} as scores on plain.user_key = scores.user_key
where
    plain.user_key is null
    or scores.user_key is null
    or plain.purchase_count <> scores.purchase_count
    or (scores.score_status <> 'no_fit') <> (
        scores.expected_orders_90 is not null and scores.churn_probability is not null
    )
    or (scores.score_status = 'scored') <> (
        scores.expected_orders_365 is not null and scores.churn_probability is not null
    )
