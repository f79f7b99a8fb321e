-- One row per delivered record of every source table, with its money before any judging.
-- A line has the currency of its order; what cannot be read as money is null.
{{ config(materialized='view') }}

with shop_orders as (
    select
        order_id,
        currency_code,
        customer_id is null and phone is null and email is null as is_without_person
    from {{ ref('stg_shop__orders') }}
),

shop_refunds as (
    select
        refunds.refund_id,
        coalesce(refunds.currency_code, shop_orders.currency_code) as currency_code,
        refunds.customer_id is null and coalesce(
            shop_orders.is_without_person, true
        ) as is_without_person
    from {{ ref('stg_shop__refunds') }} as refunds
    left join shop_orders on refunds.order_id = shop_orders.order_id
),

ad_accounts as (
    select account_id, currency_code from {{ ref('stg_google_ads__accounts') }}
)

select
    'shop' as source_name,
    'customers' as table_name,
    'none' as currency_code,
    cast(null as decimal(28, 6)) as original_amount
from {{ source('shop', 'customers') }}
union all
select
    'crm' as source_name,
    'members' as table_name,
    'none' as currency_code,
    cast(null as decimal(28, 6)) as original_amount
from {{ source('crm', 'members') }}
union all
select
    'crm' as source_name,
    'member_identifiers' as table_name,
    'none' as currency_code,
    cast(null as decimal(28, 6)) as original_amount
from {{ source('crm', 'member_identifiers') }}
union all
select
    'crm' as source_name,
    'consents' as table_name,
    'none' as currency_code,
    cast(null as decimal(28, 6)) as original_amount
from {{ source('crm', 'consents') }}
union all
select
    'ga4' as source_name,
    'events' as table_name,
    'none' as currency_code,
    cast(null as decimal(28, 6)) as original_amount
from {{ source('ga4', 'events') }}
union all
select
    'ga4' as source_name,
    'event_items' as table_name,
    'none' as currency_code,
    cast(null as decimal(28, 6)) as original_amount
from {{ source('ga4', 'event_items') }}
union all
select
    'google_ads' as source_name,
    'campaign_history' as table_name,
    'none' as currency_code,
    cast(null as decimal(28, 6)) as original_amount
from {{ source('google_ads', 'campaign_history') }}
union all
select
    'google_ads' as source_name,
    'account_history' as table_name,
    'none' as currency_code,
    cast(null as decimal(28, 6)) as original_amount
from {{ source('google_ads', 'account_history') }}
union all
select
    'shop' as source_name,
    'orders' as table_name,
    'none' as currency_code,
    cast(null as decimal(28, 6)) as original_amount
from {{ source('shop', 'orders') }}
union all
select
    'pos' as source_name,
    'tickets' as table_name,
    'none' as currency_code,
    cast(null as decimal(28, 6)) as original_amount
from {{ source('pos', 'tickets') }}
union all
select
    'shop', 'order_lines', coalesce(shop_orders.currency_code, 'unknown'),
    cast({{ to_integer('lines.quantity') }} * {{ to_decimal('lines.price') }} as decimal(28, 6))
from {{ source('shop', 'order_lines') }} as lines
left join shop_orders on {{ clean('lines.order_id') }} = shop_orders.order_id
union all
select
    'shop', 'refunds', coalesce(
        upper({{ clean('refunds.currency') }}), shop_orders.currency_code, 'unknown'
    ),
    cast(-1 * {{ to_decimal('refunds.total_refunded') }} as decimal(28, 6))
from {{ source('shop', 'refunds') }} as refunds
left join shop_orders on {{ clean('refunds.order_id') }} = shop_orders.order_id
union all
select
    'shop', 'refund_lines', coalesce(shop_refunds.currency_code, 'unknown'),
    cast(-1 * {{ to_decimal('lines.subtotal') }} as decimal(28, 6))
from {{ source('shop', 'refund_lines') }} as lines
left join shop_refunds on {{ clean('lines.refund_id') }} = shop_refunds.refund_id
union all
select
    'google_ads', 'campaign_stats', coalesce(ad_accounts.currency_code, 'unknown'),
    cast({{ to_integer('stats.cost_micros') }} as decimal(28, 6)) * cast(0.000001 as decimal(7, 6))
from {{ source('google_ads', 'campaign_stats') }} as stats
left join ad_accounts on {{ clean('stats.customer_id') }} = ad_accounts.account_id
union all
select
    'pos', 'ticket_lines', '{{ declared("pos", "tickets", "paid_amount", "unit") }}',
    cast(
        {{ to_integer('lines.quantity') }} * {{ to_decimal('lines.unit_price') }}
        - coalesce({{ to_decimal('lines.discount_amount') }}, 0) as decimal(28, 6)
    )
from {{ source('pos', 'ticket_lines') }} as lines
