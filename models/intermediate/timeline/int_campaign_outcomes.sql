-- One row per campaign, person in it and window of days: what was bought in it, and in as many days
-- right before the campaign began for the person.
-- Days count from that day, 0, in both arms. What is known so far is told; readers leave the young
-- out. Unknown cost adds no margin. Contaminated people and those without a day are not here.
with members as (
    select
        members.*,
        as_of.as_of_date,
        {{ days_between('members.started_date', 'as_of.as_of_date') }} as known_days,
        coalesce(people.first_order_date < members.started_date, false) as is_customer
    from {{ ref('int_campaign_members') }} as members
    inner join {{ ref('int_as_of') }} as as_of on as_of.metric_family = 'orders'
    left join {{ ref('int_people') }} as people on members.user_key = people.user_key
    where not members.is_contaminated and members.started_date is not null
),

windows as (
    select distinct from_day, to_day from {{ ref('effect_metrics') }}
),

purchases as (
    select
        members.campaign_member_key,
        {{ days_between('members.started_date', 'purchases.purchase_date') }} as age_days,
        purchases.net_revenue_amount as revenue,
        coalesce(purchases.margin_amount, 0) as margin,
        case when purchases.margin_amount is not null then purchases.net_revenue_amount else 0 end
            as costed_revenue
    from members
    inner join {{ ref('int_purchases') }} as purchases
        on
            members.user_key = purchases.user_key
            and members.as_of_date >= purchases.purchase_date
),

-- A purchase before the campaign is in all windows that reach back so far.
placed as (
    select
        purchases.*,
        windows.from_day,
        windows.to_day,
        case when purchases.age_days < 0 then 1 else 0 end as before
    from purchases
    inner join windows
        on
            (purchases.age_days >= windows.from_day and purchases.age_days < windows.to_day)
            or (
                purchases.age_days < 0
                and purchases.age_days >= windows.from_day - windows.to_day
            )
),

bought as (
    select
        campaign_member_key,
        from_day,
        to_day,
        sum(1 - before) as purchases,
        sum((1 - before) * revenue) as net_revenue,
        sum((1 - before) * margin) as margin,
        sum((1 - before) * costed_revenue) as costed_revenue,
        sum(before) as purchases_before,
        sum(before * revenue) as net_revenue_before,
        sum(before * margin) as margin_before
    from placed
    group by campaign_member_key, from_day, to_day
)

select
    {{ key_of(['members.campaign_member_key', 'windows.from_day', 'windows.to_day']) }}
        as campaign_outcome_key,
    members.tested_key,
    members.arm,
    members.is_control,
    members.is_customer,
    members.known_days,
    windows.from_day,
    windows.to_day,
    coalesce(bought.purchases, 0) as purchases,
    cast(coalesce(bought.net_revenue, 0) as decimal(18, 2)) as net_revenue,
    cast(coalesce(bought.margin, 0) as decimal(18, 2)) as margin,
    cast(coalesce(bought.costed_revenue, 0) as decimal(18, 2)) as costed_revenue,
    coalesce(bought.purchases_before, 0) as purchases_before,
    cast(coalesce(bought.net_revenue_before, 0) as decimal(18, 2)) as net_revenue_before,
    cast(coalesce(bought.margin_before, 0) as decimal(18, 2)) as margin_before
from members
cross join windows
left join bought
    on
        members.campaign_member_key = bought.campaign_member_key
        and windows.from_day = bought.from_day
        and windows.to_day = bought.to_day
