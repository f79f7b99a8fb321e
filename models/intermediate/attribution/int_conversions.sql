-- One row per conversion: a person's registration, first order or later order.
-- An order is a purchase: valid orders of one business day, at the time of the first. Registration
-- is the first of an identified person, and worth nothing by itself.
with people as (
    select * from {{ ref('int_people') }}
),

purchases as (
    select * from {{ ref('int_purchases') }}
),

registrations as (
    select
        user_key,
        sales_channel_key,
        event_date,
        occurred_at,
        row_number() over (partition by user_key order by occurred_at, event_key) as registration_no
    from {{ ref('int_events_identified') }}
    where event_type = 'registration'
),

converted as (
    select
        user_key,
        'registration' as conversion_type,
        cast(null as {{ dbt.type_string() }}) as purchase_key,
        sales_channel_key,
        0 as net_revenue_amount,
        0 as margin_amount,
        event_date as conversion_date,
        occurred_at as converted_at
    from registrations
    where registration_no = 1
    union all
    select
        user_key,
        case when purchase_number = 1 then 'first_order' else 'repeat_order' end,
        purchase_key,
        sales_channel_key,
        net_revenue_amount,
        margin_amount,
        purchase_date,
        purchased_at
    from purchases
)

select
    {{ key_of([
        'converted.conversion_type', 'converted.user_key', 'converted.purchase_key'
    ]) }} as conversion_key,
    converted.user_key,
    converted.conversion_type,
    converted.purchase_key,
    converted.sales_channel_key,
    people.first_order_status,
    cast(converted.net_revenue_amount as decimal(18, 2)) as net_revenue_amount,
    cast(converted.margin_amount as decimal(18, 2)) as margin_amount,
    converted.conversion_date,
    converted.converted_at
from converted
inner join people on converted.user_key = people.user_key
where converted.conversion_type <> 'registration' or people.is_identified
