-- One row per delivered record of every source table, with what became of it and its money.
-- Records that landing could not read at all stand by their line, as a negative number.
-- `is_without_person` marks records whose order or ticket names nobody.
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
    select platform, account_id, currency_code from {{ ref('int_ad_accounts') }}
)

select
    'shop' as source_name, 'customers' as table_name, 'none' as currency_code,
    _file as file_name, _record_no as record_no, _load_no as load_no, row_status, reject_reasons,
    cast(null as decimal(28, 6)) as original_amount, false as is_without_person
from {{ ref('base_shop__customers') }}
union all
select
    'shop', 'orders', 'none',
    _file, _record_no, _load_no, row_status, reject_reasons,
    cast(null as decimal(28, 6)), shop_customer_id is null and phone is null and email is null
from {{ ref('base_shop__orders') }}
union all
select
    'shop', 'order_lines', coalesce(shop_orders.currency_code, 'unknown'),
    lines._file, lines._record_no, lines._load_no, lines.row_status, lines.reject_reasons,
    cast(
        lines.gross_original_amount as decimal(28, 6)
    ), coalesce(shop_orders.is_without_person, true)
from {{ ref('base_shop__order_lines') }} as lines
left join shop_orders on lines.order_id = shop_orders.order_id
union all
select
    'shop', 'refunds', coalesce(refunds.currency_code, shop_orders.currency_code, 'unknown'),
    refunds._file, refunds._record_no, refunds._load_no, refunds.row_status, refunds.reject_reasons,
    cast(
        -1 * refunds.refund_original_amount as decimal(28, 6)
    ), refunds.shop_customer_id is null and coalesce(shop_orders.is_without_person, true)
from {{ ref('base_shop__refunds') }} as refunds
left join shop_orders on refunds.order_id = shop_orders.order_id
union all
select
    'shop', 'refund_lines', coalesce(shop_refunds.currency_code, 'unknown'),
    lines._file, lines._record_no, lines._load_no, lines.row_status, lines.reject_reasons,
    cast(
        -1 * lines.refund_original_amount as decimal(28, 6)
    ), coalesce(shop_refunds.is_without_person, true)
from {{ ref('base_shop__refund_lines') }} as lines
left join shop_refunds on lines.refund_id = shop_refunds.refund_id
union all
select
    'crm', 'members', 'none',
    _file, _record_no, _load_no, row_status, reject_reasons,
    cast(null as decimal(28, 6)), false
from {{ ref('base_crm__members') }}
union all
select
    'crm', 'member_identifiers', 'none',
    _file, _record_no, _load_no, row_status, reject_reasons,
    cast(null as decimal(28, 6)), false
from {{ ref('base_crm__member_identifiers') }}
union all
select
    'crm', 'consents', 'none',
    _file, _record_no, _load_no, row_status, reject_reasons,
    cast(null as decimal(28, 6)), false
from {{ ref('base_crm__consents') }}
union all
select
    'ga4', 'events', 'none',
    _file, _record_no, _load_no, row_status, reject_reasons,
    cast(null as decimal(28, 6)), false
from {{ ref('base_ga4__events') }}
union all
select
    'ga4', 'event_items', 'none',
    _file, _record_no, _load_no, row_status, reject_reasons,
    cast(null as decimal(28, 6)), false
from {{ ref('base_ga4__event_items') }}
union all
select
    'app', 'events', 'none',
    _file, _record_no, _load_no, row_status, reject_reasons,
    cast(null as decimal(28, 6)), false
from {{ ref('base_app__events') }}
union all
select
    'wechat', 'followers', 'none',
    _file, _record_no, _load_no, row_status, reject_reasons,
    cast(null as decimal(28, 6)), false
from {{ ref('base_wechat__followers') }}
union all
select
    'wechat', 'mini_program_events', 'none',
    _file, _record_no, _load_no, row_status, reject_reasons,
    cast(null as decimal(28, 6)), false
from {{ ref('base_wechat__mini_program_events') }}
union all
select
    'tmall', 'orders', 'none',
    _file, _record_no, _load_no, row_status, reject_reasons,
    cast(null as decimal(28, 6)), buyer_nick is null and receiver_mobile is null
from {{ ref('base_tmall__orders') }}
union all
select
    'tmall', 'order_details', '{{ declared("tmall", "order_details", "price", "unit") }}',
    lines._file, lines._record_no, lines._load_no, lines.row_status, lines.reject_reasons,
    cast(
        lines.gross_original_amount as decimal(28, 6)
    ), orders.buyer_nick is null and orders.phone is null
from {{ ref('base_tmall__order_details') }} as lines
left join {{ ref('stg_tmall__orders') }} as orders on lines.order_id = orders.order_id
union all
select
    'tmall', 'refunds', '{{ declared("tmall", "refunds", "refund_fee", "unit") }}',
    _file, _record_no, _load_no, row_status, reject_reasons,
    cast(
        case when refund_status = 'refunded' then -1 * refund_original_amount end as decimal(28, 6)
    ), buyer_nick is null
from {{ ref('base_tmall__refunds') }}
union all
select
    'pos', 'tickets', 'none',
    _file, _record_no, _load_no, row_status, reject_reasons,
    cast(null as decimal(28, 6)), member_id is null and phone is null
from {{ ref('base_pos__tickets') }}
union all
select
    'pos', 'ticket_lines', '{{ declared("pos", "tickets", "paid_amount", "unit") }}',
    lines._file, lines._record_no, lines._load_no, lines.row_status, lines.reject_reasons,
    cast(
        lines.gross_original_amount - lines.discount_original_amount as decimal(28, 6)
    ), tickets.member_id is null and tickets.phone is null
from {{ ref('base_pos__ticket_lines') }} as lines
left join {{ ref('stg_pos__tickets') }} as tickets on lines.ticket_id = tickets.ticket_id
union all
select
    'delivery', 'orders', 'none',
    _file, _record_no, _load_no, row_status, reject_reasons,
    cast(null as decimal(28, 6)), platform_user_id is null and real_phone is null
from {{ ref('base_delivery__orders') }}
union all
select
    'delivery', 'order_discounts', 'none',
    _file, _record_no, _load_no, row_status, reject_reasons,
    cast(null as decimal(28, 6)), false
from {{ ref('base_delivery__order_discounts') }}
union all
select
    'delivery', 'order_items', '{{ declared("delivery", "order_items", "price", "unit") }}',
    lines._file, lines._record_no, lines._load_no, lines.row_status, lines.reject_reasons,
    cast(lines.gross_original_amount as decimal(28, 6)),
    orders.platform_user_id is null and orders.phone is null
from {{ ref('base_delivery__order_items') }} as lines
left join {{ ref('stg_delivery__orders') }} as orders on lines.order_id = orders.order_id
union all
select
    'delivery', 'refunds', '{{ declared("delivery", "refunds", "money", "unit") }}',
    _file, _record_no, _load_no, row_status, reject_reasons,
    cast(
        case
            when refund_status = 'refunded' and not has_items then -1 * paid_back_original_amount
        end as decimal(28, 6)
    ), false
from {{ ref('base_delivery__refunds') }}
union all
select
    'delivery', 'refund_items', '{{ declared("delivery", "refunds", "money", "unit") }}',
    lines._file, lines._record_no, lines._load_no, lines.row_status, lines.reject_reasons,
    cast(
        case when refunds.is_refunded then -1 * lines.refund_original_amount end as decimal(28, 6)
    ), false
from {{ ref('base_delivery__refund_items') }} as lines
left join {{ ref('stg_delivery__refunds') }} as refunds on lines.refund_no = refunds.refund_id
union all
select
    'erp', 'products', 'none',
    _file, _record_no, _load_no, row_status, reject_reasons,
    cast(null as decimal(28, 6)), false
from {{ ref('base_erp__products') }}
union all
select
    'erp', 'product_costs', 'none',
    _file, _record_no, _load_no, row_status, reject_reasons,
    cast(null as decimal(28, 6)), false
from {{ ref('base_erp__product_costs') }}
union all
select
    'erp', 'stores', 'none',
    _file, _record_no, _load_no, row_status, reject_reasons,
    cast(null as decimal(28, 6)), false
from {{ ref('base_erp__stores') }}
union all
select
    'google_ads', 'campaign_history', 'none',
    _file, _record_no, _load_no, row_status, reject_reasons,
    cast(null as decimal(28, 6)), false
from {{ ref('base_google_ads__campaign_history') }}
union all
select
    'google_ads', 'account_history', 'none',
    _file, _record_no, _load_no, row_status, reject_reasons,
    cast(null as decimal(28, 6)), false
from {{ ref('base_google_ads__account_history') }}
union all
select
    'google_ads', 'campaign_stats', coalesce(ad_accounts.currency_code, 'unknown'),
    stats._file, stats._record_no, stats._load_no, stats.row_status, stats.reject_reasons,
    cast(stats.spend_original_amount as decimal(28, 6)), false
from {{ ref('base_google_ads__campaign_stats') }} as stats
left join ad_accounts
    on ad_accounts.platform = 'google_ads' and stats.account_id = ad_accounts.account_id
union all
select
    'meta_ads', 'basic_ad_actions', 'none',
    _file, _record_no, _load_no, row_status, reject_reasons,
    cast(null as decimal(28, 6)), false
from {{ ref('base_meta_ads__basic_ad_actions') }}
union all
select
    'meta_ads', 'basic_ad_action_values', 'none',
    _file, _record_no, _load_no, row_status, reject_reasons,
    cast(null as decimal(28, 6)), false
from {{ ref('base_meta_ads__basic_ad_action_values') }}
union all
select
    'meta_ads', 'ad_history', 'none',
    _file, _record_no, _load_no, row_status, reject_reasons,
    cast(null as decimal(28, 6)), false
from {{ ref('base_meta_ads__ad_history') }}
union all
select
    'meta_ads', 'campaign_history', 'none',
    _file, _record_no, _load_no, row_status, reject_reasons,
    cast(null as decimal(28, 6)), false
from {{ ref('base_meta_ads__campaign_history') }}
union all
select
    'meta_ads', 'account_history', 'none',
    _file, _record_no, _load_no, row_status, reject_reasons,
    cast(null as decimal(28, 6)), false
from {{ ref('base_meta_ads__account_history') }}
union all
select
    'meta_ads', 'basic_ad', coalesce(ad_accounts.currency_code, 'unknown'),
    stats._file, stats._record_no, stats._load_no, stats.row_status, stats.reject_reasons,
    cast(stats.spend_original_amount as decimal(28, 6)), false
from {{ ref('base_meta_ads__basic_ad') }} as stats
left join ad_accounts
    on ad_accounts.platform = 'meta_ads' and stats.account_id = ad_accounts.account_id
union all
select
    'ocean_engine', 'report', coalesce(ad_accounts.currency_code, 'unknown'),
    stats._file, stats._record_no, stats._load_no, stats.row_status, stats.reject_reasons,
    stats.spend_original_amount, false
from {{ ref('base_ocean_engine__report') }} as stats
left join ad_accounts
    on ad_accounts.platform = 'ocean_engine' and stats.account_id = ad_accounts.account_id
union all
select
    'tencent_ads', 'daily_reports', coalesce(ad_accounts.currency_code, 'unknown'),
    stats._file, stats._record_no, stats._load_no, stats.row_status, stats.reject_reasons,
    stats.spend_original_amount, false
from {{ ref('base_tencent_ads__daily_reports') }} as stats
left join ad_accounts
    on ad_accounts.platform = 'tencent_ads' and stats.account_id = ad_accounts.account_id
union all
select
    'messaging', 'messages', 'none',
    _file, _record_no, _load_no, row_status, reject_reasons,
    cast(null as decimal(28, 6)),
    member_no is null and wechat_openid is null and phone is null
    and email is null and device is null
from {{ ref('base_messaging__messages') }}
union all
select
    'messaging', 'message_events', 'none',
    _file, _record_no, _load_no, row_status, reject_reasons,
    cast(null as decimal(28, 6)), false
from {{ ref('base_messaging__message_events') }}
union all
select
    'feedback', 'responses', 'none',
    _file, _record_no, _load_no, row_status, reject_reasons,
    cast(null as decimal(28, 6)),
    member_no is null and wechat_openid is null and phone is null
    and email is null
from {{ ref('base_feedback__responses') }}
union all
select
    'experiments', 'assignments', 'none',
    _file, _record_no, _load_no, row_status, reject_reasons,
    cast(null as decimal(28, 6)), false
from {{ ref('base_experiments__assignments') }}
union all
select
    'experiments', 'results', 'none',
    _file, _record_no, _load_no, row_status, reject_reasons,
    cast(null as decimal(28, 6)), false
from {{ ref('base_experiments__results') }}
union all
select
    source_name, table_name, 'unknown',
    file_name, -1 * line_no, load_no, 'rejected', 'record:' || reason,
    null, false
from {{ source('landing', 'rejects') }}
