-- One row per person and way to reach them, phone or e-mail: the golden value, raw and restricted.
-- A member's bound or registered contact comes before one typed on an order. Never published, and
-- no consent: whoever writes to it asks for that first.
select
    user_key,
    attribute_name as contact_type,
    attribute_value as contact_value,
    source_name,
    table_name,
    is_verified,
    said_at
from {{ ref('int_golden_record') }}
where attribute_name in ('phone', 'email')
