-- One row per active audience and candidate: member, held out, or left out and why.
-- A candidate is counted once, under the first reason that applies, in the order below. Permission,
-- refusals, messages and purchases are all that is known, also after the as-of day.
with audiences as (
    select * from {{ ref('audiences') }} where is_active
),

candidates as (
    select * from {{ ref('act_audience_candidates') }}
),

reachability as (
    select * from {{ ref('user_reachability') }}
),

users as (
    select * from {{ ref('dim_users') }}
),

as_of as (
    select
        max(case when metric_family = 'orders' then as_of_date end) as orders_date,
        max(case when metric_family = 'messages' then as_of_date end) as messages_date
    from {{ ref('dim_as_of') }}
),

-- Each purpose asked for, granted to the recipient; the oldest of these decisions is what a later
-- refusal is held against.
consents as (
    select
        audiences.audience_name,
        consents.user_key,
        count(*) as granted_count,
        min(consents.decided_date) as granted_date
    from audiences
    inner join {{ ref('user_consents') }} as consents
        on
            audiences.recipient = consents.recipient
            and {{ has_word('audiences.purpose', 'consents.purpose') }}
    where consents.is_granted
    group by 1, 2
),

-- What was held back was never sent.
contacts as (
    select
        audiences.audience_name,
        messages.user_key,
        count(*) as contact_count
    from audiences
    cross join as_of
    inner join {{ ref('fct_messages') }} as messages
        on
            {{ business_date('messages.sent_at') }}
            > {{ add_days('as_of.messages_date', '-1 * audiences.contact_days') }}
    group by 1, 2
),

judged as (
    select
        candidates.*,
        audiences.holdout_share,
        case
            when coalesce(consents.granted_count, 0) < {{ words_in('audiences.purpose') }}
                then 'no_consent'
            when
                case
                    when audiences.contact_type = 'phone' then reachability.sms_unsubscribed_date
                    else reachability.email_unsubscribed_date
                end >= consents.granted_date
                then 'suppressed'
            when reachability.is_minor then 'minor'
            when reachability.is_staff then 'staff'
            when contacts.contact_count >= audiences.max_contacts then 'over_contacted'
            when
                users.last_order_date
                > {{ add_days('as_of.orders_date', '-1 * audiences.bought_within_days') }}
                then 'just_bought'
            when
                not case
                    when audiences.contact_type = 'phone' then reachability.has_phone
                    else reachability.has_email
                end
                then 'unreachable'
        end as exclusion_reason
    from candidates
    inner join audiences on candidates.audience_name = audiences.audience_name
    inner join reachability on candidates.user_key = reachability.user_key
    inner join users on candidates.user_key = users.user_key
    cross join as_of
    left join consents
        on
            candidates.audience_name = consents.audience_name
            and candidates.user_key = consents.user_key
    left join contacts
        on
            candidates.audience_name = contacts.audience_name
            and candidates.user_key = contacts.user_key
)

select
    audience_member_key,
    user_key,
    audience_name,
    case
        when exclusion_reason is not null then 'excluded'
        when
            {{ hash_bucket("audience_name || '|' || user_key", 1000000) }} < holdout_share * 1000000
            then 'holdout'
        else 'member'
    end as member_status,
    exclusion_reason
from judged
