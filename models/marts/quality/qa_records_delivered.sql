-- One row per delivered record of every source table, with its money before any judging.
-- A line has the currency of its order; what cannot be read as money is null. Records that landing
-- could not read at all stand by their line, as a negative number.
{{ config(materialized='view') }}

with shop_orders as (
    select order_id, currency_code from {{ ref('stg_shop__orders') }}
),

shop_refunds as (
    select
        refunds.refund_id,
        coalesce(refunds.currency_code, shop_orders.currency_code) as currency_code
    from {{ ref('stg_shop__refunds') }} as refunds
    left join shop_orders on refunds.order_id = shop_orders.order_id
),

ad_accounts as (
    select platform, account_id, currency_code from {{ ref('int_ad_accounts') }}
)

select
    'shop' as source_name, 'customers' as table_name, 'none' as currency_code,
    _load_no as load_no, _record_no as record_no,
    cast(null as decimal(28, 6)) as original_amount
from {{ source('shop', 'customers') }}
union all
select
    'shop', 'orders', 'none', _load_no, _record_no,
    cast(null as decimal(28, 6))
from {{ source('shop', 'orders') }}
union all
select
    'shop', 'order_lines', coalesce(
        shop_orders.currency_code, 'unknown'
    ), lines._load_no, lines._record_no,
    cast({{ to_integer('lines.quantity') }} * {{ to_decimal('lines.price') }} as decimal(28, 6))
from {{ source('shop', 'order_lines') }} as lines
left join shop_orders on {{ clean('lines.order_id') }} = shop_orders.order_id
union all
select
    'shop', 'refunds',
    coalesce(upper({{ clean('refunds.currency') }}), shop_orders.currency_code, 'unknown'),
    refunds._load_no, refunds._record_no,
    cast(-1 * {{ to_decimal('refunds.total_refunded') }} as decimal(28, 6))
from {{ source('shop', 'refunds') }} as refunds
left join shop_orders on {{ clean('refunds.order_id') }} = shop_orders.order_id
union all
select
    'shop', 'refund_lines', coalesce(
        shop_refunds.currency_code, 'unknown'
    ), lines._load_no, lines._record_no,
    cast(-1 * {{ to_decimal('lines.subtotal') }} as decimal(28, 6))
from {{ source('shop', 'refund_lines') }} as lines
left join shop_refunds on {{ clean('lines.refund_id') }} = shop_refunds.refund_id
union all
select
    'crm', 'members', 'none', _load_no, _record_no,
    cast(null as decimal(28, 6))
from {{ source('crm', 'members') }}
union all
select
    'crm', 'member_identifiers', 'none', _load_no, _record_no,
    cast(null as decimal(28, 6))
from {{ source('crm', 'member_identifiers') }}
union all
select
    'crm', 'consents', 'none', _load_no, _record_no,
    cast(null as decimal(28, 6))
from {{ source('crm', 'consents') }}
union all
select
    'ga4', 'events', 'none', _load_no, _record_no,
    cast(null as decimal(28, 6))
from {{ source('ga4', 'events') }}
union all
select
    'ga4', 'event_items', 'none', _load_no, _record_no,
    cast(null as decimal(28, 6))
from {{ source('ga4', 'event_items') }}
union all
select
    'app', 'events', 'none', _load_no, _record_no,
    cast(null as decimal(28, 6))
from {{ source('app', 'events') }}
union all
select
    'wechat', 'followers', 'none', _load_no, _record_no,
    cast(null as decimal(28, 6))
from {{ source('wechat', 'followers') }}
union all
select
    'wechat', 'mini_program_events', 'none', _load_no, _record_no,
    cast(null as decimal(28, 6))
from {{ source('wechat', 'mini_program_events') }}
union all
select
    'tmall', 'orders', 'none', _load_no, _record_no,
    cast(null as decimal(28, 6))
from {{ source('tmall', 'orders') }}
union all
select
    'tmall', 'order_details', '{{ declared("tmall", "order_details", "price", "unit") }}',
    _load_no, _record_no,
    cast(
        {{ to_integer(unquoted('num')) }} * {{ to_decimal(unquoted('price')) }} as decimal(28, 6)
    )
from {{ source('tmall', 'order_details') }}
union all
select
    'tmall', 'refunds', '{{ declared("tmall", "refunds", "refund_fee", "unit") }}',
    refunds._load_no, refunds._record_no,
    cast(
        case
            when statuses.status = 'refunded'
                then -1 * {{ to_decimal(unquoted('refunds.refund_fee')) }}
        end as decimal(28, 6)
    )
from {{ source('tmall', 'refunds') }} as refunds
left join {{ ref('source_statuses') }} as statuses
    on
        statuses.source_name = 'tmall'
        and statuses.table_name = 'refunds'
        and {{ status_word('refunds.status') }} = {{ status_word('statuses.source_status') }}
union all
select
    'pos', 'tickets', 'none', _load_no, _record_no,
    cast(null as decimal(28, 6))
from {{ source('pos', 'tickets') }}
union all
select
    'pos', 'ticket_lines', '{{ declared("pos", "tickets", "paid_amount", "unit") }}',
    lines._load_no, lines._record_no,
    cast(
        {{ to_integer('lines.quantity') }} * {{ to_decimal('lines.unit_price') }}
        - coalesce({{ to_decimal('lines.discount_amount') }}, 0) as decimal(28, 6)
    )
from {{ source('pos', 'ticket_lines') }} as lines
union all
select
    'delivery', 'orders', 'none', _load_no, _record_no,
    cast(null as decimal(28, 6))
from {{ source('delivery', 'orders') }}
union all
select
    'delivery', 'order_discounts', 'none', _load_no, _record_no,
    cast(null as decimal(28, 6))
from {{ source('delivery', 'order_discounts') }}
union all
select
    'delivery', 'order_items', '{{ declared("delivery", "order_items", "price", "unit") }}',
    _load_no, _record_no,
    cast(
        {{ to_integer('quantity') }} * {{ float_to_decimal('price') }} as decimal(28, 6)
    )
from {{ source('delivery', 'order_items') }}
union all
select
    'delivery', 'refunds', '{{ declared("delivery", "refunds", "money", "unit") }}',
    refunds._load_no, refunds._record_no,
    cast(
        case
            when
                statuses.status = 'refunded'
                and coalesce({{ clean('refunds.part_refund_list') }}, '[]') in ('[]', 'null')
                then -1 * {{ float_to_decimal('refunds.money') }}
        end as decimal(28, 6)
    )
from {{ source('delivery', 'refunds') }} as refunds
left join {{ ref('source_statuses') }} as statuses
    on
        statuses.source_name = 'delivery'
        and statuses.table_name = 'refunds'
        and {{ status_word('refunds.res_type') }} = {{ status_word('statuses.source_status') }}
union all
select
    'delivery', 'refund_items', '{{ declared("delivery", "refunds", "money", "unit") }}',
    lines._load_no, lines._record_no,
    cast(
        case
            when refunds.is_refunded
                then -1 * {{ delivery_refund_amount(
                    to_integer('lines.count'), float_to_decimal('lines.refund_price'),
                    float_to_decimal('lines.origin_food_price'),
                    float_to_decimal('lines.total_poi_charge')
                ) }}
        end as decimal(28, 6)
    )
from {{ source('delivery', 'refund_items') }} as lines
left join {{ ref('stg_delivery__refunds') }} as refunds
    on {{ clean('lines.refund_id') }} = refunds.refund_id
union all
select
    'erp', 'products', 'none', _load_no, _record_no,
    cast(null as decimal(28, 6))
from {{ source('erp', 'products') }}
union all
select
    'erp', 'product_costs', 'none', _load_no, _record_no,
    cast(null as decimal(28, 6))
from {{ source('erp', 'product_costs') }}
union all
select
    'erp', 'stores', 'none', _load_no, _record_no,
    cast(null as decimal(28, 6))
from {{ source('erp', 'stores') }}
union all
select
    'google_ads', 'campaign_history', 'none', _load_no, _record_no,
    cast(null as decimal(28, 6))
from {{ source('google_ads', 'campaign_history') }}
union all
select
    'google_ads', 'account_history', 'none', _load_no, _record_no,
    cast(null as decimal(28, 6))
from {{ source('google_ads', 'account_history') }}
union all
select
    'google_ads', 'campaign_stats', coalesce(ad_accounts.currency_code, 'unknown'),
    stats._load_no, stats._record_no,
    cast({{ to_integer('stats.cost_micros') }} as decimal(28, 6)) * cast(0.000001 as decimal(7, 6))
from {{ source('google_ads', 'campaign_stats') }} as stats
left join ad_accounts
    on
        ad_accounts.platform = 'google_ads'
        and {{ clean('stats.customer_id') }} = ad_accounts.account_id
union all
select
    'meta_ads', 'basic_ad_actions', 'none', _load_no, _record_no,
    cast(null as decimal(28, 6))
from {{ source('meta_ads', 'basic_ad_actions') }}
union all
select
    'meta_ads', 'basic_ad_action_values', 'none', _load_no, _record_no,
    cast(null as decimal(28, 6))
from {{ source('meta_ads', 'basic_ad_action_values') }}
union all
select
    'meta_ads', 'ad_history', 'none', _load_no, _record_no,
    cast(null as decimal(28, 6))
from {{ source('meta_ads', 'ad_history') }}
union all
select
    'meta_ads', 'campaign_history', 'none', _load_no, _record_no,
    cast(null as decimal(28, 6))
from {{ source('meta_ads', 'campaign_history') }}
union all
select
    'meta_ads', 'account_history', 'none', _load_no, _record_no,
    cast(null as decimal(28, 6))
from {{ source('meta_ads', 'account_history') }}
union all
select
    'meta_ads', 'basic_ad', coalesce(ad_accounts.currency_code, 'unknown'),
    stats._load_no, stats._record_no,
    cast({{ to_rounded('stats.spend', 6) }} as decimal(28, 6))
from {{ source('meta_ads', 'basic_ad') }} as stats
left join ad_accounts
    on
        ad_accounts.platform = 'meta_ads'
        and {{ meta_ads_account_id('stats.account_id') }} = ad_accounts.account_id
union all
select
    'ocean_engine', 'report', coalesce(ad_accounts.currency_code, 'unknown'),
    stats._load_no, stats._record_no,
    {{ to_yuan('stats.stat_cost') }}
from {{ source('ocean_engine', 'report') }} as stats
left join ad_accounts
    on
        ad_accounts.platform = 'ocean_engine'
        and {{ to_number_id('stats.advertiser_id') }} = ad_accounts.account_id
union all
select
    'tencent_ads', 'daily_reports', coalesce(ad_accounts.currency_code, 'unknown'),
    stats._load_no, stats._record_no,
    {{ fen_to_yuan('stats.cost') }}
from {{ source('tencent_ads', 'daily_reports') }} as stats
left join ad_accounts
    on
        ad_accounts.platform = 'tencent_ads'
        and {{ to_number_id('stats.account_id') }} = ad_accounts.account_id
union all
select
    'messaging', 'messages', 'none', _load_no, _record_no,
    cast(null as decimal(28, 6))
from {{ source('messaging', 'messages') }}
union all
select
    'messaging', 'message_events', 'none', _load_no, _record_no,
    cast(null as decimal(28, 6))
from {{ source('messaging', 'message_events') }}
union all
select
    'feedback', 'responses', 'none', _load_no, _record_no,
    cast(null as decimal(28, 6))
from {{ source('feedback', 'responses') }}
union all
select
    'experiments', 'assignments', 'none', _load_no, _record_no,
    cast(null as decimal(28, 6))
from {{ source('experiments', 'assignments') }}
union all
select
    'experiments', 'results', 'none', _load_no, _record_no,
    cast(null as decimal(28, 6))
from {{ source('experiments', 'results') }}
union all
select source_name, table_name, 'unknown', load_no, -1 * line_no, null
from {{ source('landing', 'rejects') }}
