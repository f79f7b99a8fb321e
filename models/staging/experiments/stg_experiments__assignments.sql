-- One row per unit and arm it was put into, at the first time.
-- Units are written as the identifiers of other records, so that they meet; a unit that cannot be
-- is null and finds nobody.
select
    assignment_key,
    experiment_no as experiment_id,
    unit_kind as unit_type,
    case
        when unit_kind = 'member' then 'crm'
        when unit_kind = 'customer' then 'shop'
        when unit_kind = 'buyer' and unit_namespace = '' then 'tmall'
        when unit_kind in ('phone', 'email', 'device') then ''
        else unit_namespace
    end as namespace,
    case unit_kind
        when 'phone'
            then case
                when {{ phone_quality('unit_value') }} = 'ok' then {{ normal_phone('unit_value') }}
            end
        when 'email' then {{ normal_email('unit_value') }}
        when 'buyer'
            then case
                when unit_namespace in ('', 'tmall') then {{ normal_nick('unit_value') }}
                else unit_value
            end
        else unit_value
    end as unit_id,
    arm_name as arm,
    is_control,
    put_at as assigned_at,
    _load_no as load_no,
    _first_load_no as first_load_no
from {{ ref('base_experiments__assignments') }}
where row_status = 'accepted'
