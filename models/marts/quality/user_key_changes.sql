-- One row per published user key that is no longer what it was, with the key it leads to today.
-- Compared with what was published last, on what both know; keys that are new are not listed.
with pairs as (
    select * from {{ ref('qa_user_key_pairs') }} where old_user_key <> 'unknown'
),

published as (
    select
        old_user_key,
        sum(identifier_count) as identifier_count,
        sum(
            case when user_key not in (old_user_key, 'unknown') then identifier_count else 0 end
        ) as moved_identifier_count,
        sum(case when user_key <> old_user_key then order_count else 0 end) as order_count,
        sum(
            case when user_key <> old_user_key then net_revenue_amount else 0 end
        ) as net_revenue_amount
    from pairs
    group by 1
),

-- What today's keys took over from published people other than the one of the same key.
received as (
    select
        pairs.user_key,
        sum(
            case when pairs.user_key <> pairs.old_user_key then pairs.identifier_count else 0 end
        ) as identifier_count,
        count(*) as origin_count,
        count(published.old_user_key) > 0 as is_published_key
    from pairs
    left join published on pairs.user_key = published.old_user_key
    where pairs.place_no is not null
    group by 1
),

places as (
    select
        pairs.old_user_key,
        min(case when pairs.place_no = 1 then pairs.user_key end) as user_key,
        count(*) as place_count,
        max(received.origin_count) as origin_count,
        bool_or(not received.is_published_key) as is_with_new_key,
        bool_or(pairs.user_key = pairs.old_user_key) as is_kept
    from pairs
    inner join received on pairs.user_key = received.user_key
    where pairs.place_no is not null
    group by 1
),

judged as (
    select
        published.*,
        places.user_key,
        case when places.is_kept then received.identifier_count else 0 end
            as received_identifier_count,
        case
            when places.old_user_key is null then 'gone'
            when places.place_count > 1 and (places.is_with_new_key or not places.is_kept)
                then 'split'
            when places.is_kept and (places.place_count > 1 or places.origin_count > 1)
                then 'moved'
            when places.is_kept and published.order_count > 0 then 'moved'
            when places.is_kept then 'none'
            when places.origin_count > 1 or not places.is_with_new_key then 'merged'
            else 'renamed'
        end as change_type
    from published
    left join places on published.old_user_key = places.old_user_key
    left join received on published.old_user_key = received.user_key
)

select
    old_user_key,
    user_key,
    change_type,
    cast(identifier_count as bigint) as identifier_count,
    cast(moved_identifier_count as bigint) as moved_identifier_count,
    cast(coalesce(received_identifier_count, 0) as bigint) as received_identifier_count,
    cast(order_count as bigint) as order_count,
    cast(net_revenue_amount as decimal(18, 2)) as net_revenue_amount
from judged
where change_type <> 'none'
