-- One row per identifier that membership bound to a member.
-- Phones, e-mails and buyers' nicks are normalised as everywhere else, so that they meet.
select
    binding_key,
    member_no as member_id,
    bound_type as identifier_type,
    case
        when bound_type in ('phone', 'email', 'device') then ''
        else bound_namespace
    end as namespace,
    case bound_type
        when 'phone'
            then case
                when {{ phone_quality('bound_value') }} = 'ok'
                    then {{ normal_phone('bound_value') }}
            end
        when 'email' then {{ normal_email('bound_value') }}
        when 'buyer'
            then case
                when coalesce(bound_namespace, '') in ('', 'tmall')
                    then {{ normal_nick('bound_value') }}
                else bound_value
            end
        else bound_value
    end as identifier_value,
    identifier_bound_at as bound_at,
    _load_no as load_no,
    _first_load_no as first_load_no
from {{ ref('base_crm__member_identifiers') }}
where row_status = 'accepted'
