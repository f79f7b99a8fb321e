-- One row per person, identified or anonymous, and one for records nobody can be given.
-- The acquisition channel is the one the headline model credits most with the first order (the last
-- touch that is not direct, until lift tests speak), else the one it was bought in.
with people as (
    select * from {{ ref('int_people') }}
),

acquisitions as (
    select * from {{ ref('int_acquisitions') }}
)

select
    people.user_key,
    coalesce(acquisitions.acquisition_channel_key, 'unknown') as acquisition_channel_key,
    coalesce(acquisitions.acquisition_campaign_key, 'unknown') as acquisition_campaign_key,
    people.region_code,
    people.region_source_name,
    people.birth_decade,
    people.birth_source_name,
    people.first_order_status,
    cast(people.order_count as bigint) as order_count,
    cast(people.purchase_count as bigint) as purchase_count,
    cast(people.net_revenue_amount as decimal(18, 2)) as net_revenue_amount,
    people.is_identified,
    people.is_member,
    people.is_staff,
    people.first_seen_date,
    people.last_seen_date,
    people.registered_date,
    people.first_order_date,
    people.last_order_date
from people
left join acquisitions on people.user_key = acquisitions.user_key
union all
select
    'unknown',
    'unknown',
    'unknown',
    'unknown',
    'unknown',
    'unknown',
    'unknown',
    'none',
    0,
    0,
    0,
    false,
    false,
    false,
    null,
    null,
    null,
    null,
    null
