-- What `omniloop check identity` asks, section by section; {truth}, {w} and {where} are filled in.

-- [records]
create temp table record as
select
    md5(concat_ws('|', source_name, table_name, record_id)) as record_key,
    any_value(person_id) as person_id,
    any_value(table_name in ('orders', 'tickets')) as is_order
from read_parquet('{truth}/records*.parquet')
group by 1
having record_key in (
    select md5(concat_ws('|', 'shop', 'customers', customer_id)) from staging.stg_shop__customers
    union all select md5(concat_ws('|', 'shop', 'orders', order_id)) from staging.stg_shop__orders
    union all select md5(concat_ws('|', 'crm', 'members', member_id)) from staging.stg_crm__members
    union all select md5(concat_ws('|', 'ga4', 'events', event_id)) from staging.stg_ga4__events
    union all select md5(concat_ws('|', 'pos', 'tickets', ticket_id)) from staging.stg_pos__tickets
    union all select md5(concat_ws('|', 'delivery', 'orders', order_id))
    from staging.stg_delivery__orders
    union all select md5(concat_ws('|', 'app', 'events', event_id)) from staging.stg_app__events
    union all select md5(concat_ws('|', 'wechat', 'followers', follower_id))
    from staging.stg_wechat__followers
    union all select md5(concat_ws('|', 'wechat', 'mini_program_events', event_id))
    from staging.stg_wechat__mini_program_events
    union all select md5(concat_ws('|', 'messaging', 'messages', message_id))
    from staging.stg_messaging__messages
    union all select md5(concat_ws('|', 'feedback', 'responses', response_id))
    from staging.stg_feedback__responses
    union all select md5(concat_ws('|', 'experiments', 'assignments', assignment_key))
    from staging.stg_experiments__assignments
    union all select md5(concat_ws('|', 'tmall', 'orders', order_id)) from staging.stg_tmall__orders
)

-- [edges]
create temp table edge as
select distinct record.record_key, record.person_id,
    concat_ws('|', identifier_type, namespace, identifier_value) as identifier
from read_parquet('{truth}/record_identifiers*.parquet') as seen
join record
    on record.record_key = md5(concat_ws('|', source_name, table_name, record_id))
where is_own

-- [labels]
create temp table label as
select distinct record_key, record_key as label from edge

-- [spread]
create or replace temp table spread as
select edge.record_key, min(best.label) as label
from edge
join (
    select person_id, identifier, min(label) as label from edge join label using (record_key)
    group by all
) as best using (person_id, identifier)
group by all

-- [moved]
select count(*) from label join spread using (record_key) where label.label <> spread.label

-- [scored]
create temp table scored as
select
    record.record_key,
    record.person_id,
    coalesce(people.user_key, record.record_key) as user_key,
    coalesce(label.label, record.record_key) as island,
    record.is_order,
    cast(1 as double) as weight,
    cast(coalesce(orders.amount, 0) as double) as amount
from record
left join intermediate.int_record_people as people using (record_key)
left join label using (record_key)
left join (
    select
        md5(concat_ws('|', source_name,
            case source_name when 'pos' then 'tickets' else 'orders' end, record_id)) as record_key,
        sum(gross_item_amount) as amount
    from read_parquet('{truth}/orders.parquet') group by 1
) as orders using (record_key)

-- [pairs]
with cell as (
    select user_key, person_id, island, sum({w}) as s, sum({w} * {w}) as q
    from scored where {where} group by all
),
by_user as (select sum(s) as s, sum(q) as q from cell group by user_key),
by_person as (select sum(s) as s, sum(q) as q from cell group by person_id),
by_both as (select sum(s) as s, sum(q) as q from cell group by user_key, person_id),
by_island as (select sum(s) as s, sum(q) as q from cell group by person_id, island),
pairs as (
    select
        (select coalesce(sum(s * s - q), 0) / 2 from by_user) as together,
        (select coalesce(sum(s * s - q), 0) / 2 from by_both) as right_ones,
        (select coalesce(sum(s * s - q), 0) / 2 from by_island) as linkable,
        (select coalesce(sum(s * s - q), 0) / 2 from by_person) as same,
        (select coalesce(sum(s * s - q), 0) / 2 from cell) as found
)
select
    coalesce(right_ones / nullif(together, 0), 1) as "precision",
    coalesce(found / nullif(linkable, 0), 1) as recall,
    coalesce(linkable / nullif(same, 0), 1) as ceiling,
    together as pairs_together,
    linkable as pairs_linkable
from pairs

-- [wrong]
-- Pairs of orders of two people under one key, by what the truth says of the two.
with named as (
    select distinct person_id, identifier_type, namespace, identifier_value, is_own
    from read_parquet('{truth}/record_identifiers*.parquet')
    join read_parquet('{truth}/records*.parquet') using (source_name, table_name, record_id)
),
has as (
    select person_id, bool_or(identifier_type = 'member') as member,
        bool_or(identifier_type = 'customer') as account
    from named where is_own group by person_id
),
sides as (
    select user_key, person_id, count(*) as orders
    from record join intermediate.int_record_people using (record_key) where is_order group by all
),
wrong as (
    select a.person_id as p, b.person_id as q, sum(a.orders * b.orders) as pairs
    from sides as a join sides as b on a.user_key = b.user_key and a.person_id < b.person_id
    group by all
),
shared as (
    select a.person_id as p, b.person_id as q, bool_and(a.is_own and b.is_own) as both_own
    from named as a join named as b using (identifier_type, namespace, identifier_value)
    where a.person_id < b.person_id group by all
)
select
    case when both_own is null then 'nothing, but through others'
        when both_own then 'a phone or e-mail of both' else 'one typed for the other' end
    || '; ' || case
        when a.member and b.member or a.account and b.account then 'both have one of a kind'
        when (a.member or a.account) and (b.member or b.account) then 'one card, one account'
        when a.member or a.account or b.member or b.account then 'only one has card or account'
        else 'neither has card or account' end as sharing,
    cast(sum(pairs) as bigint) as pairs
from wrong
left join shared using (p, q)
join has as a on wrong.p = a.person_id
join has as b on wrong.q = b.person_id
group by all
order by pairs desc
