-- One row per person of whom a contact or a birth date is known; booleans only, no raw values.
-- Age is that on the as-of day. Who tells no birth date is not taken for a minor, and
-- `is_age_known` says so.
with golden as (
    select * from {{ ref('int_golden_record') }}
),

as_of as (
    select as_of_date from {{ ref('int_as_of') }} where metric_family = 'activity'
),

people as (
    select
        user_key,
        count(case when attribute_name = 'phone' then 1 end) > 0 as has_phone,
        count(case when attribute_name = 'email' then 1 end) > 0 as has_email,
        max(case when attribute_name = 'birth_date' then attribute_value end) as birth_date_text
    from golden
    where attribute_name in ('phone', 'email', 'birth_date')
    group by 1
),

born as (
    select
        user_key,
        has_phone,
        has_email,
        {{ try_to('birth_date_text', 'date') }} as birth_date
    from people
)

select
    born.user_key,
    born.has_phone,
    born.has_email,
    coalesce(
        {{ add_years('born.birth_date', var('minor_age_years')) }} > as_of.as_of_date, false
    ) as is_minor,
    born.birth_date is not null as is_age_known
from born
cross join as_of
