-- One row per member of a ready audience whose list goes into a plain CSV file, as for a call
-- centre. People open it in a spreadsheet, so what would be taken for a formula is quoted.
{{ config(materialized='view', schema='restricted_exports', meta={'publish': false}) }}

select
    audience_member_key,
    user_key,
    audience_name,
    file_header,
    {{ csv_safe('contact_value') }} as contact_value
from {{ ref('export_contacts') }}
where destination = 'csv'
