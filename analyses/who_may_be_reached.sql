-- How many people were asked by purpose and recipient, how many agreed, and of these how many can be
-- reached by phone or e-mail: what an audience can have at most.
select
    consents.purpose,
    consents.recipient,
    count(*) as people_asked,
    count(case when consents.is_granted then 1 end) as people_agreed,
    count(
        case
            when
                consents.is_granted
                and reachability.has_phone
                and not reachability.is_minor
                and coalesce(reachability.sms_unsubscribed_date < consents.decided_date, true)
                then 1
        end
    ) as people_by_phone,
    count(
        case
            when
                consents.is_granted
                and reachability.has_email
                and not reachability.is_minor
                and coalesce(reachability.email_unsubscribed_date < consents.decided_date, true)
                then 1
        end
    ) as people_by_email
from {{ ref('user_consents') }} as consents
inner join {{ ref('user_reachability') }} as reachability
    on consents.user_key = reachability.user_key
group by 1, 2
order by 1, 2
