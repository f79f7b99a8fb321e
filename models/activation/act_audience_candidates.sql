-- One row per active audience and person its rule is true of, before anybody is left out.
-- A tag counts while it holds; who lacks one of several required tags is no candidate.
with audiences as (
    select * from {{ ref('audiences') }} where is_active
),

inputs as (
    select * from {{ ref('act_audience_inputs') }}
),

chosen as (
    select
        audiences.audience_name,
        audiences.required_tags,
        inputs.user_key
    from inputs
    cross join audiences
    where {{ condition_holds('audiences.condition', ref('audiences')) }}
),

tags as (
    select distinct user_key, tag_name
    from {{ ref('user_tags') }}
    where is_current
),

tagged as (
    select
        chosen.audience_name,
        chosen.user_key,
        {{ words_in('chosen.required_tags') }} as required_count,
        count(tags.tag_name) as held_count
    from chosen
    left join tags
        on
            chosen.user_key = tags.user_key
            and {{ has_word('chosen.required_tags', 'tags.tag_name') }}
    group by 1, 2, 3
)

select
    {{ key_of(['audience_name', 'user_key']) }} as audience_member_key,
    audience_name,
    user_key
from tagged
where held_count = required_count
