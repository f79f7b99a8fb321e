-- One row per source table and currency: records and money accepted, superseded and rejected.
-- `records_without_person` counts delivered records whose order or ticket names nobody.
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
        refunds.customer_id is null and coalesce(shop_orders.is_without_person, true) as is_without_person,
        coalesce(refunds.currency_code, shop_orders.currency_code) as currency_code
    from {{ ref('stg_shop__refunds') }} as refunds
    left join shop_orders on refunds.order_id = shop_orders.order_id
),

ad_accounts as (
    select account_id, currency_code from {{ ref('stg_google_ads__accounts') }}
)

select 'shop' as source_name, 'customers' as table_name, 'none' as currency_code,
    count(case when row_status = 'accepted' then 1 end) as accepted_records,
    count(case when row_status = 'superseded' then 1 end) as superseded_records,
    count(case when row_status = 'rejected' then 1 end) as rejected_records,
    sum(case when row_status = 'accepted' then cast(null as decimal(28, 6)) end) as accepted_amount,
    sum(case when row_status = 'superseded' then cast(null as decimal(28, 6)) end) as superseded_amount,
    sum(case when row_status = 'rejected' then cast(null as decimal(28, 6)) end) as rejected_amount,
    cast(0 as bigint) as records_without_person
from {{ ref('base_shop__customers') }}
union all
select 'shop', 'orders', 'none',
    count(case when row_status = 'accepted' then 1 end),
    count(case when row_status = 'superseded' then 1 end),
    count(case when row_status = 'rejected' then 1 end),
    sum(case when row_status = 'accepted' then cast(null as decimal(28, 6)) end),
    sum(case when row_status = 'superseded' then cast(null as decimal(28, 6)) end),
    sum(case when row_status = 'rejected' then cast(null as decimal(28, 6)) end),
    count(case when shop_customer_id is null and phone is null and email is null then 1 end)
from {{ ref('base_shop__orders') }}
union all
select 'crm', 'members', 'none',
    count(case when row_status = 'accepted' then 1 end),
    count(case when row_status = 'superseded' then 1 end),
    count(case when row_status = 'rejected' then 1 end),
    sum(case when row_status = 'accepted' then cast(null as decimal(28, 6)) end),
    sum(case when row_status = 'superseded' then cast(null as decimal(28, 6)) end),
    sum(case when row_status = 'rejected' then cast(null as decimal(28, 6)) end),
    cast(0 as bigint)
from {{ ref('base_crm__members') }}
union all
select 'crm', 'member_identifiers', 'none',
    count(case when row_status = 'accepted' then 1 end),
    count(case when row_status = 'superseded' then 1 end),
    count(case when row_status = 'rejected' then 1 end),
    sum(case when row_status = 'accepted' then cast(null as decimal(28, 6)) end),
    sum(case when row_status = 'superseded' then cast(null as decimal(28, 6)) end),
    sum(case when row_status = 'rejected' then cast(null as decimal(28, 6)) end),
    cast(0 as bigint)
from {{ ref('base_crm__member_identifiers') }}
union all
select 'crm', 'consents', 'none',
    count(case when row_status = 'accepted' then 1 end),
    count(case when row_status = 'superseded' then 1 end),
    count(case when row_status = 'rejected' then 1 end),
    sum(case when row_status = 'accepted' then cast(null as decimal(28, 6)) end),
    sum(case when row_status = 'superseded' then cast(null as decimal(28, 6)) end),
    sum(case when row_status = 'rejected' then cast(null as decimal(28, 6)) end),
    cast(0 as bigint)
from {{ ref('base_crm__consents') }}
union all
select 'ga4', 'events', 'none',
    count(case when row_status = 'accepted' then 1 end),
    count(case when row_status = 'superseded' then 1 end),
    count(case when row_status = 'rejected' then 1 end),
    sum(case when row_status = 'accepted' then cast(null as decimal(28, 6)) end),
    sum(case when row_status = 'superseded' then cast(null as decimal(28, 6)) end),
    sum(case when row_status = 'rejected' then cast(null as decimal(28, 6)) end),
    cast(0 as bigint)
from {{ ref('base_ga4__events') }}
union all
select 'ga4', 'event_items', 'none',
    count(case when row_status = 'accepted' then 1 end),
    count(case when row_status = 'superseded' then 1 end),
    count(case when row_status = 'rejected' then 1 end),
    sum(case when row_status = 'accepted' then cast(null as decimal(28, 6)) end),
    sum(case when row_status = 'superseded' then cast(null as decimal(28, 6)) end),
    sum(case when row_status = 'rejected' then cast(null as decimal(28, 6)) end),
    cast(0 as bigint)
from {{ ref('base_ga4__event_items') }}
union all
select 'google_ads', 'campaign_history', 'none',
    count(case when row_status = 'accepted' then 1 end),
    count(case when row_status = 'superseded' then 1 end),
    count(case when row_status = 'rejected' then 1 end),
    sum(case when row_status = 'accepted' then cast(null as decimal(28, 6)) end),
    sum(case when row_status = 'superseded' then cast(null as decimal(28, 6)) end),
    sum(case when row_status = 'rejected' then cast(null as decimal(28, 6)) end),
    cast(0 as bigint)
from {{ ref('base_google_ads__campaign_history') }}
union all
select 'google_ads', 'account_history', 'none',
    count(case when row_status = 'accepted' then 1 end),
    count(case when row_status = 'superseded' then 1 end),
    count(case when row_status = 'rejected' then 1 end),
    sum(case when row_status = 'accepted' then cast(null as decimal(28, 6)) end),
    sum(case when row_status = 'superseded' then cast(null as decimal(28, 6)) end),
    sum(case when row_status = 'rejected' then cast(null as decimal(28, 6)) end),
    cast(0 as bigint)
from {{ ref('base_google_ads__account_history') }}
union all
select 'pos', 'tickets', 'none',
    count(case when row_status = 'accepted' then 1 end),
    count(case when row_status = 'superseded' then 1 end),
    count(case when row_status = 'rejected' then 1 end),
    sum(case when row_status = 'accepted' then cast(null as decimal(28, 6)) end),
    sum(case when row_status = 'superseded' then cast(null as decimal(28, 6)) end),
    sum(case when row_status = 'rejected' then cast(null as decimal(28, 6)) end),
    count(case when member_id is null and phone is null then 1 end)
from {{ ref('base_pos__tickets') }}
union all
select 'shop', 'order_lines', coalesce(shop_orders.currency_code, 'unknown'),
    count(case when lines.row_status = 'accepted' then 1 end),
    count(case when lines.row_status = 'superseded' then 1 end),
    count(case when lines.row_status = 'rejected' then 1 end),
    sum(case when lines.row_status = 'accepted' then lines.gross_original_amount end),
    sum(case when lines.row_status = 'superseded' then lines.gross_original_amount end),
    sum(case when lines.row_status = 'rejected' then lines.gross_original_amount end),
    count(case when shop_orders.is_without_person then 1 end)
from {{ ref('base_shop__order_lines') }} as lines
left join shop_orders on lines.order_id = shop_orders.order_id
group by 3
union all
select 'shop', 'refunds', coalesce(refunds.currency_code, shop_orders.currency_code, 'unknown'),
    count(case when refunds.row_status = 'accepted' then 1 end),
    count(case when refunds.row_status = 'superseded' then 1 end),
    count(case when refunds.row_status = 'rejected' then 1 end),
    sum(case when refunds.row_status = 'accepted' then -1 * refunds.refund_original_amount end),
    sum(case when refunds.row_status = 'superseded' then -1 * refunds.refund_original_amount end),
    sum(case when refunds.row_status = 'rejected' then -1 * refunds.refund_original_amount end),
    count(case when refunds.order_id is null and refunds.shop_customer_id is null then 1 end)
from {{ ref('base_shop__refunds') }} as refunds
left join shop_orders on refunds.order_id = shop_orders.order_id
group by 3
union all
select 'shop', 'refund_lines', coalesce(shop_refunds.currency_code, 'unknown'),
    count(case when lines.row_status = 'accepted' then 1 end),
    count(case when lines.row_status = 'superseded' then 1 end),
    count(case when lines.row_status = 'rejected' then 1 end),
    sum(case when lines.row_status = 'accepted' then -1 * lines.refund_original_amount end),
    sum(case when lines.row_status = 'superseded' then -1 * lines.refund_original_amount end),
    sum(case when lines.row_status = 'rejected' then -1 * lines.refund_original_amount end),
    count(case when shop_refunds.is_without_person then 1 end)
from {{ ref('base_shop__refund_lines') }} as lines
left join shop_refunds on lines.refund_id = shop_refunds.refund_id
group by 3
union all
select 'google_ads', 'campaign_stats', coalesce(ad_accounts.currency_code, 'unknown'),
    count(case when stats.row_status = 'accepted' then 1 end),
    count(case when stats.row_status = 'superseded' then 1 end),
    count(case when stats.row_status = 'rejected' then 1 end),
    sum(case when stats.row_status = 'accepted' then stats.spend_original_amount end),
    sum(case when stats.row_status = 'superseded' then stats.spend_original_amount end),
    sum(case when stats.row_status = 'rejected' then stats.spend_original_amount end),
    cast(0 as bigint)
from {{ ref('base_google_ads__campaign_stats') }} as stats
left join ad_accounts on stats.account_id = ad_accounts.account_id
group by 3
union all
select 'pos', 'ticket_lines', '{{ declared("pos", "tickets", "paid_amount", "unit") }}',
    count(case when lines.row_status = 'accepted' then 1 end),
    count(case when lines.row_status = 'superseded' then 1 end),
    count(case when lines.row_status = 'rejected' then 1 end),
    sum(case when lines.row_status = 'accepted' then lines.gross_original_amount - lines.discount_original_amount end),
    sum(case when lines.row_status = 'superseded' then lines.gross_original_amount - lines.discount_original_amount end),
    sum(case when lines.row_status = 'rejected' then lines.gross_original_amount - lines.discount_original_amount end),
    count(case when tickets.member_id is null and tickets.phone is null then 1 end)
from {{ ref('base_pos__ticket_lines') }} as lines
left join {{ ref('stg_pos__tickets') }} as tickets on lines.ticket_id = tickets.ticket_id
