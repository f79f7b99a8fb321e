-- One row per visit: events of one person on one device without a gap of more than 30 minutes.
-- Its traffic is that of its first event that has any. Redone for the people whose events were.
{{ config(
    materialized='incremental', unique_key='timeline_key', event_time='session_date',
    post_hook="{{ forget_older_runs(ref('int_events_identified')) }}"
) }}

with events as (
    select * from {{ ref('int_events_identified') }}
    where session_key is not null and {{ is_newer_run(ref('int_events_identified')) }}
),

ranked as (
    select
        *,
        row_number() over (
            partition by session_key
            order by case when traffic_key is null then 1 else 0 end, occurred_at, event_key
        ) as traffic_no
    from events
)

select
    session_key,
    timeline_key,
    user_key,
    source_name,
    sales_channel_key,
    max(case when traffic_no = 1 then traffic_key end) as traffic_key,
    cast(count(*) as bigint) as event_count,
    cast(
        count(
            case
                when event_type in ('product_view', 'add_to_cart', 'checkout', 'web_purchase')
                    then 1
            end
        ) as bigint
    ) as consider_event_count,
    min(occurred_at) as started_at,
    max(occurred_at) as ended_at,
    min(event_date) as session_date,
    max(_run_id) as _run_id
from ranked
group by 1, 2, 3, 4, 5
