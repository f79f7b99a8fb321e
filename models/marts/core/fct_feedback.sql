-- One row per answer to a survey or complaint; what was written is not here.
-- Anonymous ones are kept under the unknown person, so that scores count everybody who answered.
with feedback as (
    select * from {{ ref('int_feedback') }}
),

people as (
    select * from {{ ref('int_record_people') }}
)

select
    feedback.feedback_key,
    coalesce(people.user_key, 'unknown') as user_key,
    feedback.order_key,
    feedback.feedback_type,
    feedback.feedback_status,
    feedback.category_name as feedback_category_name,
    feedback.response_channel,
    feedback.nps_group,
    cast(feedback.score as decimal(5, 2)) as score,
    {{ business_date('feedback.responded_at') }} as responded_date,
    {{ business_date('feedback.resolved_at') }} as resolved_date,
    feedback.responded_at,
    feedback.resolved_at
from feedback
left join people on feedback.feedback_key = people.record_key
