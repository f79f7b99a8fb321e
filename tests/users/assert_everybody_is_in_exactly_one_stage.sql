-- Stages of a customer follow each other day by day: the first begins with the first purchase, each
-- other where the one before ends, and only the last is open.
with stretches as (
    select
        *,
        lag(valid_to_date) over (partition by user_key order by valid_from_date) as ended_date,
        row_number() over (partition by user_key order by valid_from_date) as stretch_no,
        count(*) over (partition by user_key) as stretch_count
    from {{ ref('user_lifecycle') }}
),

wrong as (
    select stretches.user_key
    from stretches
    inner join {{ ref('dim_users') }} as users on stretches.user_key = users.user_key
    where
        (stretches.stretch_no = 1 and stretches.valid_from_date <> users.first_order_date)
        or (
            stretches.stretch_no > 1
            and (stretches.ended_date is null or stretches.ended_date <> stretches.valid_from_date)
        )
        or (stretches.stretch_no = stretches.stretch_count) <> (stretches.valid_to_date is null)
        or stretches.is_current <> (stretches.valid_to_date is null)
        or stretches.valid_to_date <= stretches.valid_from_date
)

select user_key from wrong
union all
-- Nobody is missing.
select users.user_key
from {{ ref('dim_users') }} as users
inner join {{ ref('dim_as_of') }} as as_of
    on as_of.metric_family = 'orders' and users.first_order_date <= as_of.as_of_date
left join {{ ref('user_lifecycle') }} as lifecycle on users.user_key = lifecycle.user_key
where lifecycle.user_key is null
