-- One row per thing a person did or received in every source, in one shape; orders and refunds
-- join them in int_events.
select * from {{ ref('int_shop__events') }}
union all
select * from {{ ref('int_crm__events') }}
union all
select * from {{ ref('int_ga4__events') }}
union all
select * from {{ ref('int_app__events') }}
union all
select * from {{ ref('int_wechat__events') }}
union all
select * from {{ ref('int_messaging__events') }}
union all
select * from {{ ref('int_feedback__events') }}
