-- One row per record and identifier on it, all sources; holds raw values, so it is restricted.
-- `is_typed`: somebody gave the identifier on this record. Whom the business writes to or puts into
-- an experiment typed nothing, so how often it does says nothing of the identifier.
select 'shop' as source_name, *, true as is_typed from {{ ref('int_shop__identifiers') }}
union all
select 'crm', *, true from {{ ref('int_crm__identifiers') }}
union all
select 'ga4', *, true from {{ ref('int_ga4__identifiers') }}
union all
select 'pos', *, true from {{ ref('int_pos__identifiers') }}
union all
select 'app', *, true from {{ ref('int_app__identifiers') }}
union all
select 'wechat', *, true from {{ ref('int_wechat__identifiers') }}
union all
select 'messaging', *, false from {{ ref('int_messaging__identifiers') }}
union all
select 'feedback', *, true from {{ ref('int_feedback__identifiers') }}
union all
select 'experiments', *, false from {{ ref('int_experiments__identifiers') }}
union all
select 'tmall', *, true from {{ ref('int_tmall__identifiers') }}
union all
select 'delivery', *, true from {{ ref('int_delivery__identifiers') }}
