-- What a reader chooses from on the page of a board. The last four columns are row, column, value
-- (a cell is shaded by it) and text of a cell; every column before them is a choice. Cells that are
-- not known yet, or of fewer than 10 people, have no row; ratios without a base have a dash. `budget` is the simulator's.

-- [overview]
with months as (
    select
        c.channel_name_zh || ' ' || c.channel_name as channel,
        strftime(roi.month_date, '%Y-%m') as month,
        sum(roi.spend) as spend,
        sum(roi.cash_net_revenue_amount) as net_revenue,
        sum(roi.cash_new_customers) as new_customers,
        bool_and(roi.truncated_customers = 0) as is_known
    from marts.channel_roi as roi
    inner join marts.dim_channels as c on roi.acquisition_channel_key = c.channel_key
    where roi.month_date >= (select min(o.order_date) from marts.fct_orders as o)
        and roi.month_date < (select date_trunc('month', a.as_of_date + 1)
            from marts.dim_as_of as a where a.metric_family = 'roi')
    group by 1, 2
),

measured as (
    select 1 as place, '净收入 Net revenue, CNY' as measure, channel, month, net_revenue as value,
        format('{:,d}', net_revenue::bigint) as text
    from months
    union all
    select 2, '花费 Spend, CNY', channel, month, spend, format('{:,d}', spend::bigint)
    from months
    union all
    select 3, '新客 New customers, 人', channel, month, new_customers,
        format('{:,d}', new_customers::bigint)
    from months
    union all
    select 4, 'ROAS, x', channel, month, net_revenue / nullif(spend, 0),
        coalesce(printf('%.2f', net_revenue / nullif(spend, 0)), '—')
    from months
    union all
    select 5, '获客成本 CAC, CNY', channel, month,
        case when is_known and spend > 0 then spend / nullif(new_customers, 0) end,
        coalesce(format('{:,d}', (case when is_known and spend > 0
            then spend / nullif(new_customers, 0) end)::bigint), '—')
    from months
)

select
    m.measure as "指标 Measure",
    m.channel as "渠道 Channel",
    m.month as "月份 Month",
    m.value::double as value,
    m.text
from measured as m
order by m.place, sum(abs(m.value)) over (partition by m.place, m.channel) desc nulls last,
    m.channel, m.month

-- [channels]
with horizons as (
    select
        r.horizon_days,
        r.acquisition_channel_key as channel_key,
        sum(r.mature_customers) as people,
        sum(r.repeat_customers) filter (where r.mature_customers > 0) as repeats,
        sum(l.net_revenue_amount) filter (where l.mature_customers > 0) as net_revenue,
        sum(l.margin_amount) filter (where l.mature_customers > 0) as margin
    from marts.repeat_rate as r
    inner join marts.ltv_cohorts as l
        on r.acquisition_channel_key = l.acquisition_channel_key
        and r.horizon_days = l.horizon_days
        and r.cohort_month_date = l.cohort_month_date
    group by 1, 2
)

select
    h.horizon_days || ' 天 days' as "首购后 After the first purchase",
    c.channel_name_zh || ' ' || c.channel_name as "渠道 Channel",
    cell.measure,
    cell.value::double as value,
    coalesce(cell.text, '—') as text
from horizons as h
inner join marts.dim_channels as c on h.channel_key = c.channel_key
cross join lateral (
    select 1 as place, '满龄新客 Old enough, 人' as measure, null as value,
        format('{:,d}', h.people::bigint) as text
    union all
    select 2, '复购率 Repeat rate, %', 100 * h.repeats / nullif(h.people, 0),
        printf('%.1f', 100 * h.repeats / nullif(h.people, 0))
    union all
    select 3, '净收入 LTV, CNY', null, printf('%.1f', h.net_revenue / nullif(h.people, 0))
    union all
    select 4, '毛利 Margin LTV, CNY', null, printf('%.1f', h.margin / nullif(h.people, 0))
) as cell
where cell.place = 1 or h.people = 0 or h.people >= 10
order by h.horizon_days = 90 desc, h.horizon_days, h.people desc, c.channel_key, cell.place

-- [attribution]
with models as (
    select
        roi.attribution_model,
        roi.channel_key,
        sum(roi.spend) as spend,
        sum(roi.credited_first_orders) as first_orders,
        sum(roi.credited_new_customers) as new_customers,
        sum(roi.first_order_net_revenue_amount) as net_revenue,
        100 * sum(roi.credited_first_orders) / nullif(sum(sum(roi.credited_first_orders))
            over (partition by roi.attribution_model), 0) as share
    from marts.channel_roi_by_model as roi
    where roi.month_date >= (select min(o.order_date) from marts.fct_orders as o)
        and roi.month_date < (select date_trunc('month', a.as_of_date + 1)
            from marts.dim_as_of as a where a.metric_family = 'roi')
    group by 1, 2
)

select
    case m.attribution_model when 'headline' then '主模型 headline'
        else replace(m.attribution_model, '_', ' ') end as "模型 Model",
    c.channel_name_zh || ' ' || c.channel_name as "渠道 Channel",
    cell.measure,
    cell.value::double as value,
    coalesce(cell.text, '—') as text
from models as m
inner join marts.dim_channels as c on m.channel_key = c.channel_key
cross join lateral (
    select 1 as place, '首单 First orders' as measure, null as value,
        printf('%.1f', m.first_orders) as text
    union all
    select 2, '占比 Share, %', m.share, printf('%.1f', m.share)
    union all
    select 3, '净收入 Net revenue, CNY', null, format('{:,d}', m.net_revenue::bigint)
    union all
    select 4, '花费 Spend, CNY', null, format('{:,d}', m.spend::bigint)
    union all
    select 5, 'CAC, CNY', null, case when m.spend > 0
        then format('{:,d}', (m.spend / nullif(m.new_customers, 0))::bigint) end
    union all
    select 6, 'ROAS, x', null, printf('%.2f', m.net_revenue / nullif(m.spend, 0))
) as cell
where m.first_orders > 0 or m.spend > 0
order by m.attribution_model = 'headline' desc, m.attribution_model, m.first_orders desc,
    c.channel_key, cell.place

-- [funnel]
with people as (
    select
        coalesce(c.channel_name_zh || ' ' || c.channel_name, '全部 All') as channel,
        coalesce(strftime(f.month_date, '%Y-%m'), '全部 All') as month,
        f.step_name,
        f.step_number,
        sum(case when f.is_mature and f.step_count is not null then f.base_count end) as base,
        sum(case when f.is_mature then f.step_count end) as people,
        count(*) filter (where f.is_mature and f.step_count is not null) > 0 as is_known
    from marts.conversion_funnel as f
    inner join marts.dim_channels as c on f.channel_key = c.channel_key
    where f.unit = 'person'
    group by grouping sets (
        (c.channel_name_zh || ' ' || c.channel_name, f.month_date, 3, 4),
        (c.channel_name_zh || ' ' || c.channel_name, 3, 4), (f.month_date, 3, 4), (3, 4)
    )
)

select
    p.channel as "渠道 Channel",
    p.month as "首访月 First visit",
    case p.step_name
        when 'visitor' then '访客 Visitors, 人'
        when 'register' then '注册 Register, %'
        when 'consider' then '考虑 Consider, %'
        when 'first_order' then '首单 Order, %'
        else '复购 Repeat, %'
    end as step,
    case when p.step_name <> 'visitor' then (100 * p.people / p.base)::double end as value,
    case when p.step_name = 'visitor' then format('{:,d}', p.people::bigint)
        else printf('%.1f', 100 * p.people / p.base) end as text
from people as p
where p.is_known and (p.step_name = 'visitor' or p.base >= 10)
order by p.channel = '全部 All' desc, max(case when p.month = '全部 All' then p.people end)
    over (partition by p.channel) desc nulls last, p.channel, p.month desc, p.step_number

-- [cohorts]
with cells as (
    select
        r.acquisition_channel_key as channel_key,
        case r.retention_type when 'buying' then '购买留存 Buying, %'
            else '活跃留存 Active, %' end as measure,
        case r.retention_type when 'buying' then 1 else 2 end as place,
        r.cohort_month_date,
        r.age_months as age,
        case when r.age_months = 0 then '人数 People' else '+' || r.age_months end as age_name,
        case when r.age_months > 0 and r.cohort_customers >= 10 then 100 * r.retention_rate end
            as value,
        case when r.age_months = 0 then format('{:,d}', r.cohort_customers)
            when r.cohort_customers >= 10 then printf('%.1f', 100 * r.retention_rate)
        end as text
    from marts.user_retention as r
    where r.age_months <= 12 and r.cohort_customers > 0
    union all
    select
        coalesce(l.acquisition_channel_key, 'all'), '累计净收入 LTV, CNY', 3,
        l.cohort_month_date, l.horizon_days, l.horizon_days || ' 天 d',
        sum(l.net_revenue_amount) / sum(l.mature_customers),
        printf('%.1f', sum(l.net_revenue_amount) / sum(l.mature_customers))
    from marts.ltv_cohorts as l
    where l.is_mature
    group by grouping sets (
        (l.acquisition_channel_key, l.cohort_month_date, l.horizon_days),
        (l.cohort_month_date, l.horizon_days)
    )
    having sum(l.mature_customers) >= 10
)

select
    coalesce(c.channel_name_zh || ' ' || c.channel_name, '全部 All') as "渠道 Channel",
    e.measure as "指标 Measure",
    strftime(e.cohort_month_date, '%Y-%m') as "首购月 Cohort",
    e.age_name as age,
    e.value::double as value,
    e.text
from cells as e
left join marts.dim_channels as c on e.channel_key = c.channel_key
where e.text is not null
order by e.channel_key = 'all' desc, e.channel_key, e.place, e.cohort_month_date, e.age

-- [segments]
with stages as (
    select
        months.acquisition_channel_key,
        months.month_date,
        stage.place,
        stage.label,
        100 * coalesce(s.customers, 0) / nullif(months.customers, 0) as share,
        sum(months.customers) over (partition by months.acquisition_channel_key) as weight
    from (
        select e.acquisition_channel_key, e.month_date, sum(e.customers) as customers
        from marts.segment_channels as e
        where e.is_complete
        group by 1, 2
        having sum(e.customers) >= 10
    ) as months
    cross join (values
        (1, 'new', '新客 New, %'), (2, 'active', '活跃 Active, %'), (3, 'returned', '回归 Back, %'),
        (4, 'cooling', '转冷 Cooling, %'), (5, 'at_risk', '风险 At risk, %'),
        (6, 'lapsed', '流失 Lapsed, %')) as stage(place, name, label)
    left join marts.segment_channels as s
        on months.acquisition_channel_key = s.acquisition_channel_key
        and months.month_date = s.month_date
        and stage.name = s.lifecycle_stage
)

select
    c.channel_name_zh || ' ' || c.channel_name as "渠道 Channel",
    strftime(e.month_date, '%Y-%m') as "月末 Month end",
    e.label,
    e.share::double as value,
    printf('%.1f', e.share) as text
from stages as e
inner join marts.dim_channels as c on e.acquisition_channel_key = c.channel_key
order by e.weight desc, c.channel_key, e.month_date desc, e.place

-- [budget]
select
    c.channel_name_zh || ' ' || c.channel_name as channel,
    b.recommendation_status as status,
    b.recommendation_note as note,
    b.value_type,
    b.current_daily_spend_amount::double as spend,
    b.least_adstock_amount::double as least,
    b.most_adstock_amount::double as most,
    b.recommended_daily_spend_amount::double as recommended,
    (select list([w.change_share, w.daily_spend_amount, w.expected_daily_value_amount,
            w.expected_value_lower_amount, w.expected_value_upper_amount, w.marginal_roi,
            w.marginal_roi_lower, w.marginal_roi_upper, w.is_within_limit::int]::double[]
            order by w.change_share)
        from marts.budget_what_if as w where w.channel_key = b.channel_key) as steps
from marts.budget_recommendations as b
inner join marts.dim_channels as c on b.channel_key = c.channel_key
order by b.current_daily_spend_amount desc
