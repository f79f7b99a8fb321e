-- One row per answer or complaint with the order it is about.
-- An order may be named by id or number, with or without `#`; a name that fits several orders names
-- none. A sale that two systems rang is the one that counts.
with responses as (
    select * from {{ ref('stg_feedback__responses') }}
),

orders as (
    select * from {{ ref('int_orders') }}
),

names as (
    select
        order_id as order_name,
        coalesce(counted_order_key, order_key) as order_key
    from orders
    union
    select replace(order_number, '#', ''), coalesce(counted_order_key, order_key)
    from orders
),

named as (
    select
        order_name,
        min(order_key) as order_key
    from names
    group by 1
    having count(*) = 1
)

select
    {{ key_of(["'feedback'", "'responses'", 'responses.response_id']) }} as feedback_key,
    named.order_key,
    responses.event_type,
    responses.feedback_type,
    responses.category_name,
    responses.feedback_status,
    responses.response_channel,
    responses.score,
    case
        when responses.feedback_type <> 'nps' then 'none'
        when responses.score >= 9 then 'promoter'
        when responses.score >= 7 then 'passive'
        else 'detractor'
    end as nps_group,
    responses.responded_at,
    responses.resolved_at,
    responses.load_no
from responses
left join named on replace(responses.order_reference, '#', '') = named.order_name
