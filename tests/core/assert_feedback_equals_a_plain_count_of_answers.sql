-- NPS groups and the sum of scores in the mart equal those counted from the accepted versions, and
-- every answer is one event of the timeline.
with answers as (
    select
        count(*) as answer_count,
        count(
            case when event_type = 'nps_response' and response_score in (9, 10) then 1 end
        ) as promoter_count,
        count(
            case
                when event_type = 'nps_response' and response_score in (0, 1, 2, 3, 4, 5, 6)
                    then 1
            end
        ) as detractor_count,
        sum(case when event_type <> 'complaint' then response_score end) as score_sum
    from {{ ref('base_feedback__responses') }}
    where row_status = 'accepted'
),

facts as (
    select
        count(*) as answer_count,
        count(case when nps_group = 'promoter' then 1 end) as promoter_count,
        count(case when nps_group = 'detractor' then 1 end) as detractor_count,
        sum(score) as score_sum
    from {{ ref('fct_feedback') }}
),

timeline as (
    select count(*) as answer_count from {{ ref('fct_events') }} where source_name = 'feedback'
)

select
    answers.answer_count,
    facts.answer_count as fact_count,
    timeline.answer_count as event_count
from answers
cross join facts
cross join timeline
where
    answers.answer_count <> facts.answer_count
    or answers.answer_count <> timeline.answer_count
    or answers.promoter_count <> facts.promoter_count
    or answers.detractor_count <> facts.detractor_count
    or coalesce(answers.score_sum, 0) <> coalesce(facts.score_sum, 0)
