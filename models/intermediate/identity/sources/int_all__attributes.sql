-- One row per record and thing it says of a person, all sources; raw values, so it is restricted.
-- What the business itself writes down, such as whom a message went to, is nobody's statement.
select 'crm' as source_name, * from {{ ref('int_crm__attributes') }}
union all
select 'shop' as source_name, * from {{ ref('int_shop__attributes') }}
union all
select 'tmall' as source_name, * from {{ ref('int_tmall__attributes') }}
union all
select 'pos' as source_name, * from {{ ref('int_pos__attributes') }}
union all
select 'wechat' as source_name, * from {{ ref('int_wechat__attributes') }}
union all
select 'feedback' as source_name, * from {{ ref('int_feedback__attributes') }}
