-- One row per source with the last business day it has delivered anything of.
select
    'shop' as source_name,
    max({{ business_date('ordered_at') }}) as last_date
from {{ ref('stg_shop__orders') }}
union all
select 'pos', max({{ business_date('sold_at') }}) from {{ ref('stg_pos__tickets') }}
union all
select 'ga4', max({{ business_date('occurred_at') }}) from {{ ref('stg_ga4__events') }}
union all
select 'google_ads', max(stat_date) from {{ ref('stg_google_ads__campaign_stats') }}
union all
select 'meta_ads', max(stat_date) from {{ ref('stg_meta_ads__basic_ad') }}
union all
select 'ocean_engine', max(stat_date) from {{ ref('stg_ocean_engine__report') }}
union all
select 'tencent_ads', max(stat_date) from {{ ref('stg_tencent_ads__daily_reports') }}
union all
select 'app', max({{ business_date('occurred_at') }}) from {{ ref('stg_app__events') }}
union all
select 'wechat', max({{ business_date('occurred_at') }})
from {{ ref('stg_wechat__mini_program_events') }}
union all
select 'messaging', max({{ business_date('told_at') }})
from (
    select occurred_at as told_at from {{ ref('stg_messaging__message_events') }}
    union all
    select scheduled_at from {{ ref('stg_messaging__messages') }} where not is_control
) as messaging
union all
select 'feedback', max({{ business_date('responded_at') }})
from {{ ref('stg_feedback__responses') }}
union all
select 'tmall', max({{ business_date('ordered_at') }}) from {{ ref('stg_tmall__orders') }}
union all
select 'delivery', max({{ business_date('ordered_at') }}) from {{ ref('stg_delivery__orders') }}
