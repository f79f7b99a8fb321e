-- No text of what is said about audiences and their people looks like a phone or an e-mail; keys
-- are hexadecimal and are left out.
with texts as (
    select
        concat_ws(' ', region_code, birth_decade, first_order_status, lifecycle_stage) as all_text
    from {{ ref('act_audience_inputs') }}
    union all
    select concat_ws(' ', audience_name, member_status, exclusion_reason)
    from {{ ref('act_audience_members') }}
    union all
    select concat_ws(' ', audience_name, audience_name_zh, destination, contact_type, description)
    from {{ ref('act_audiences') }}
)

select all_text
from texts
where all_text like '%@%' or {{ matches('all_text', '[+][0-9]{7}|1[3-9][0-9]{9}') }}
