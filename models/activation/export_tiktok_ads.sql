-- One row per member of a ready audience for TikTok, a customer file; hashes only.
{{ config(materialized='view', schema='restricted_exports', meta={'publish': false}) }}

select
    audience_member_key,
    user_key,
    audience_name,
    file_header,
    contact_value
from {{ ref('export_contacts') }}
where destination = 'tiktok_ads'
