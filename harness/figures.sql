-- What `omniloop build` shows at the end, from the published marts.

-- [records]
-- What became of the records of each source.
select source_name, sum(raw_records), sum(accepted_records), sum(superseded_records),
    sum(rejected_records)
from marts.source_reconciliation
group by 1
order by 1

-- [figures]
-- Figure, value, note, as one line.
select format('{:<26}{:>16}  {}', figure, coalesce(value, '-'), coalesce(note, ''))
from (
select 'people' as figure, format('{:,}', count(*)) as value,
    format('{:,} of them identified', count(*) filter (is_identified)) as note
    from marts.dim_users where user_key <> 'unknown'
union all select 'net revenue', format('{:,.2f}', sum(net_revenue_amount)::double),
    format('{:,} valid orders', count(*)) from marts.fct_orders where is_valid
union all select 'active users, 28 days', format('{:,}', max_by(active_users_28d, activity_date)),
    'up to ' || max(activity_date) from marts.active_users where sales_channel_key = 'all'
union all select 'repeat rate, 90 days',
    printf('%.1f %%', 100.0 * sum(repeat_customers) / sum(mature_customers)),
    format('of {:,} new customers', sum(mature_customers)::bigint) from marts.repeat_rate
    where horizon_days = 90 and mature_customers > 0
union all select 'channel ROAS, same month',
    format('{:.2f}', sum(cash_net_revenue_amount)::double / sum(spend)::double),
    'on spend of ' || format('{:,.2f}', sum(spend)::double) from marts.channel_roi where spend > 0
union all select 'LTV, 90 days',
    format('{:,.2f}', sum(net_revenue_amount)::double / sum(mature_customers)),
    'net revenue of a new customer' from marts.ltv_cohorts
    where horizon_days = 90 and mature_customers > 0
union all select 'as of', string_agg(distinct as_of_date::text, ', '),
    'last complete business day' from marts.dim_as_of
)

-- [places]
select unnest([
    'for BI tools        ' || $published,
    'the same as Parquet ' || $data || '/published/parquet, described in its schema.json',
    'boards              ' || $data || '/site/index.html',
    'metric cards        ' || $data || '/site/metrics.html',
    'documentation       ' || $data || '/site/docs/index.html',
    'rejected records    ' || $published || ', table marts.rejected_records',
    'warehouse           ' || $data
        || '/omniloop.duckdb (not for BI tools: an open file stops a build)'])
