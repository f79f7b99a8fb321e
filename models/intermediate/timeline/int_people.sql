-- One row per person with what all sources together say about them; no raw values.
-- A person is new when the first order came later than the start of its source's history plus the
-- newness lookback; before that an earlier purchase may simply be missing: it is truncated.
with people as (
    select
        user_key,
        bool_or(is_identified) as is_identified
    from {{ ref('int_record_people') }}
    group by 1
),

members as (
    select
        people.user_key,
        bool_or(members.is_staff) as is_staff
    from {{ ref('stg_crm__members') }} as members
    inner join {{ ref('int_record_people') }} as people
        on {{ key_of(["'crm'", "'members'", 'members.member_id']) }} = people.record_key
    group by 1
),

golden as (
    select
        user_key,
        max(case when attribute_name = 'region_code' then attribute_value end) as region_code,
        max(case when attribute_name = 'region_code' then source_name end) as region_source_name,
        max(
            case when attribute_name = 'birth_date' then substr(attribute_value, 1, 3) || '0s' end
        ) as birth_decade,
        max(case when attribute_name = 'birth_date' then source_name end) as birth_source_name
    from {{ ref('int_golden_record') }}
    group by 1
),

events as (
    select
        events.user_key,
        min(case when types.initiator = 'person' then events.event_date end) as first_seen_date,
        max(case when types.initiator = 'person' then events.event_date end) as last_seen_date,
        min(
            case when events.event_type = 'registration' then events.event_date end
        ) as registered_date
    from {{ ref('int_events_identified') }} as events
    left join {{ ref('event_types') }} as types on events.event_type = types.event_type
    group by 1
),

orders as (
    select
        user_key,
        min(order_date) as first_order_date,
        max(order_date) as last_order_date,
        count(*) as order_count,
        max(purchase_number) as purchase_count,
        sum(net_revenue_amount) as net_revenue_amount
    from {{ ref('int_orders_identified') }}
    where is_valid
    group by 1
),

-- Each source's history begins with its own first order.
histories as (
    select
        source_name,
        {{ add_days('min(order_date)', var('newness_lookback_days')) }} as new_after_date
    from {{ ref('int_orders') }}
    where row_status = 'accepted'
    group by 1
),

history as (
    select orders.user_key, max(histories.new_after_date) as new_after_date
    from orders
    inner join {{ ref('int_orders_identified') }} as firsts
        on orders.user_key = firsts.user_key and orders.first_order_date = firsts.order_date
    inner join histories on firsts.source_name = histories.source_name
    where firsts.is_valid
    group by 1
)

select
    people.user_key,
    people.is_identified,
    members.user_key is not null as is_member,
    coalesce(members.is_staff, false) as is_staff,
    coalesce(golden.region_code, 'unknown') as region_code,
    coalesce(golden.region_source_name, 'unknown') as region_source_name,
    coalesce(golden.birth_decade, 'unknown') as birth_decade,
    coalesce(golden.birth_source_name, 'unknown') as birth_source_name,
    events.first_seen_date,
    events.last_seen_date,
    events.registered_date,
    orders.first_order_date,
    orders.last_order_date,
    case
        when orders.first_order_date is null then 'none'
        when
            orders.first_order_date > history.new_after_date
            or events.registered_date > history.new_after_date
            then 'known'
        else 'truncated'
    end as first_order_status,
    coalesce(orders.order_count, 0) as order_count,
    coalesce(orders.purchase_count, 0) as purchase_count,
    coalesce(orders.net_revenue_amount, 0) as net_revenue_amount
from people
left join members on people.user_key = members.user_key
left join golden on people.user_key = golden.user_key
left join events on people.user_key = events.user_key
left join orders on people.user_key = orders.user_key
left join history on people.user_key = history.user_key
