-- One row per member of a ready audience for a text message gateway, which needs the numbers
-- themselves. A gateway reads them, no spreadsheet, so the plus of a number stays.
{{ config(materialized='view', schema='restricted_exports', meta={'publish': false}) }}

select
    audience_member_key,
    user_key,
    audience_name,
    file_header,
    contact_value
from {{ ref('export_contacts') }}
where destination = 'sms'
