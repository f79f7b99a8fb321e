-- One row per answer to a survey or complaint.
-- A category that could hold a number or an address is `other`: it is not one of a tool's list.
with responses as (
    select
        answers.*,
        statuses.status as known_status
    from {{ ref('base_feedback__responses') }} as answers
    left join {{ ref('source_statuses') }} as statuses
        on
            statuses.source_name = 'feedback'
            and statuses.table_name = 'responses'
            and answers.handling_status = statuses.source_status
    where answers.row_status = 'accepted'
)

select
    response_no as response_id,
    event_type,
    case event_type
        when 'nps_response' then 'nps'
        when 'complaint' then 'complaint'
        else 'csat'
    end as feedback_type,
    case when event_type <> 'complaint' then response_score end as score,
    case
        when response_category is null then 'unknown'
        when
            length(response_category) > 60 or {{ matches('response_category', '@|[0-9]{5}') }}
            then 'other'
        else response_category
    end as category_name,
    case
        when event_type <> 'complaint' then 'none'
        when settled_at is not null then 'resolved'
        when known_status is not null then known_status
        else 'unknown'
    end as feedback_status,
    order_reference,
    case
        when response_channel is null then 'unknown'
        when
            length(response_channel) > 60 or {{ matches('response_channel', '@|[0-9]{5}') }}
            then 'other'
        else response_channel
    end as response_channel,
    member_no as member_id,
    wechat_openid as openid,
    coalesce(wechat_app_id, '') as app_id,
    {{ normal_phone('phone') }} as phone,
    {{ phone_quality('phone') }} as phone_quality,
    {{ normal_email('email') }} as email,
    comment,
    said_at as responded_at,
    settled_at as resolved_at,
    _load_no as load_no,
    _first_load_no as first_load_no
from responses
