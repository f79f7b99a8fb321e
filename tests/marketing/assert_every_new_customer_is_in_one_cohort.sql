-- Nobody new is lost or counted twice: the new customers of all months and channels are the people
-- whose first purchase by the as-of day is known to be their first, under each horizon.
with people as (
    select count(*) as new_customers
    from {{ ref('dim_users') }} as users
    inner join {{ ref('dim_as_of') }} as as_of
        on as_of.metric_family = 'roi' and users.first_order_date <= as_of.as_of_date
    where users.first_order_status = 'known'
),

told as (
    select cast(horizon_days as varchar) as part, sum(new_customers) as new_customers
    from {{ ref('channel_cohorts') }}
    group by 1
    union all
    select 'channel_roi', sum(cash_new_customers) from {{ ref('channel_roi') }}
    union all
    select 'channel_payback', sum(new_customers) from {{ ref('channel_payback') }}
)

select told.part, told.new_customers, people.new_customers as plain_new_customers
from told
cross join people
where coalesce(told.new_customers, 0) <> people.new_customers
