-- One row per source and reason why its records can or cannot be given to a known person.
-- Records are events, orders included; revenue is net revenue of valid orders. Needs no truth.
-- identified: a known person; device_only: an anonymous one. The rest is nobody's: over_records,
-- over_limit or shared (what it names was cut), public_device, blocked (what it names stands for
-- nobody), the quality of the only phone it tells (masked, virtual, placeholder ...), none.
with events as (
    select distinct record_key, source_name from {{ ref('int_events_identified') }}
),

people as (
    select * from {{ ref('int_record_people') }}
),

orders as (
    select * from {{ ref('int_orders_identified') }}
),

identifiers as (
    select
        events.record_key,
        min(limited.value_status) as value_status
    from events
    inner join {{ ref('int_identity_observations') }} as observations
        on events.record_key = observations.record_key
    left join people on events.record_key = people.record_key
    left join {{ ref('int_identity_values') }} as limited
        on observations.node_id = limited.node_id and limited.is_cut
    where people.record_key is null
    group by 1
),

records as (
    select
        events.source_name,
        case
            when people.is_identified then 'identified'
            when people.record_key is not null then 'device_only'
            when identifiers.record_key is not null
                then coalesce(identifiers.value_status, 'public_device')
            when orders.contact_status = 'usable' then 'blocked'
            else coalesce(orders.contact_status, 'none')
        end as identity_status,
        orders.order_key,
        orders.is_valid,
        coalesce(orders.net_revenue_amount, 0) as net_revenue_amount
    from events
    left join people on events.record_key = people.record_key
    left join identifiers on events.record_key = identifiers.record_key
    left join orders on events.record_key = orders.order_key
),

counted as (
    select
        source_name,
        identity_status,
        count(*) as record_count,
        count(case when is_valid then order_key end) as valid_order_count,
        sum(net_revenue_amount) as net_revenue_amount
    from records
    group by 1, 2
),

shared as (
    select
        *,
        sum(record_count) over (partition by source_name) as source_record_count,
        sum(net_revenue_amount) over (partition by source_name) as source_net_revenue_amount
    from counted
)

select
    {{ key_of(['source_name', 'identity_status']) }} as identity_coverage_key,
    source_name,
    identity_status,
    cast(record_count as bigint) as record_count,
    {{ ratio('record_count', 'source_record_count') }} as record_share,
    cast(valid_order_count as bigint) as valid_order_count,
    cast(net_revenue_amount as decimal(18, 2)) as net_revenue_amount,
    {{ ratio('net_revenue_amount', 'source_net_revenue_amount') }} as net_revenue_share
from shared
