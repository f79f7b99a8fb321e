-- One row per published person and person of today that have identifiers or orders in common.
-- What is not known or nobody's today leads to `unknown`. Places are where a published person's
-- identifiers stand today, the best first; orders tell it only of people with no identifier left.
with identifiers as (
    select *, coalesce(valid_from_at, cast('1900-01-01' as timestamp)) as from_at
    from {{ ref('qa_linked_identifiers') }}
),

published_identifiers as (
    select *, coalesce(valid_from_at, cast('1900-01-01' as timestamp)) as from_at
    from {{ source('published', 'identifiers') }}
),

orders as (
    select * from {{ ref('fct_orders') }}
),

published_orders as (
    select * from {{ source('published', 'orders') }}
),

shared as (
    select
        published.user_key as old_user_key,
        coalesce(identifiers.user_key, 'unknown') as user_key,
        1 as identifier_count,
        0 as order_count,
        cast(0 as decimal(18, 2)) as net_revenue_amount
    from published_identifiers as published
    left join identifiers
        on
            published.identifier_key = identifiers.identifier_key
            and published.from_at = identifiers.from_at
    union all
    select
        published.user_key,
        coalesce(orders.user_key, 'unknown'),
        0,
        case when orders.order_key is null then 0 else 1 end,
        coalesce(orders.net_revenue_amount, 0)
    from published_orders as published
    left join orders on published.order_key = orders.order_key
),

counted as (
    select
        old_user_key,
        user_key,
        sum(identifier_count) as identifier_count,
        sum(order_count) as order_count,
        sum(net_revenue_amount) as net_revenue_amount
    from shared
    group by 1, 2
),

known as (
    select
        *,
        sum(case when user_key <> 'unknown' then identifier_count else 0 end) over (
            partition by old_user_key
        ) as known_identifier_count
    from counted
),

placed as (
    select
        *,
        old_user_key <> 'unknown' and user_key <> 'unknown'
        and (identifier_count > 0 or known_identifier_count = 0) as is_place
    from known
),

joined as (
    select
        *,
        case
            when is_place then row_number() over (
                partition by old_user_key, is_place
                order by identifier_count desc, order_count desc, user_key asc
            )
        end as place_no,
        is_place or order_count > 0 as is_joined
    from placed
)

select
    {{ key_of(['old_user_key', 'user_key']) }} as user_key_pair_key,
    old_user_key,
    user_key,
    cast(identifier_count as bigint) as identifier_count,
    cast(order_count as bigint) as order_count,
    cast(net_revenue_amount as decimal(18, 2)) as net_revenue_amount,
    cast(place_no as bigint) as place_no,
    is_joined
    and sum(case when is_joined then 1 else 0 end) over (partition by old_user_key) = 1
    and sum(case when is_joined then 1 else 0 end) over (partition by user_key) = 1
        as is_same_person
from joined
